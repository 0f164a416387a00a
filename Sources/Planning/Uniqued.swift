extension Sequence where Element: Hashable {
  /// The elements in order, each once. A stage may compare thousands of others, so this is not quadratic.
  func uniqued() -> [Element] {
    let all = Array(self)
    if all.count < 2 { return all }
    if all.count < 8 {
      return all.indices.filter { !all[..<$0].contains(all[$0]) }.map { all[$0] }
    }
    var seen: Set<Element> = []
    return all.filter { seen.insert($0).inserted }
  }
}
