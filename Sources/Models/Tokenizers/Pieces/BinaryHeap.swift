/// A queue that gives its smallest element first.
struct BinaryHeap<Element: Comparable> {
  private var elements: [Element] = []

  mutating func removeAll() { elements.removeAll(keepingCapacity: true) }

  mutating func insert(_ element: Element) {
    elements.append(element)
    var child = elements.count - 1
    while child > 0, elements[child] < elements[(child - 1) / 2] {
      elements.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> Element? {
    guard let first = elements.first, let last = elements.popLast() else { return nil }
    if elements.isEmpty { return first }
    elements[0] = last
    var parent = 0
    while true {
      var best = parent
      let child = 2 * parent + 1
      if child < elements.count, elements[child] < elements[best] { best = child }
      if child + 1 < elements.count, elements[child + 1] < elements[best] { best = child + 1 }
      if best == parent { return first }
      elements.swapAt(parent, best)
      parent = best
    }
  }
}

extension BinaryHeap: Sendable where Element: Sendable {}
