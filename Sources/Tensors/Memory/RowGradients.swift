import CKernels

/// Gradients of the few rows of a table [entries, width] that a pass looked up.
///
/// A batch of BERT reads some hundred of thirty thousand words: a dense gradient would be cleared, added up, measured and
/// swept for nothing.
public final class RowGradients<Element: TensorElement>: @unchecked Sendable {
  public let entry: ParameterLayout.Entry
  public let width: Int
  /// The rows with a gradient, in the order in which the pass met them.
  public private(set) var rows: [Int32] = []
  /// Where each row's gradient is kept; −1: nowhere.
  private var places: [Int32]
  private var values: FlatBuffer<Element>

  public init(_ entry: ParameterLayout.Entry) {
    self.entry = entry
    width = entry.shape.dropFirst().reduce(1, *)
    places = [Int32](repeating: -1, count: entry.shape.first ?? 0)
    values = FlatBuffer(count: 0)
  }

  /// Forgets the last pass.
  public func begin() {
    for row in rows { places[Int(row)] = -1 }
    rows.removeAll(keepingCapacity: true)
  }

  /// The gradient of a row [width]; nil where the pass did not look it up.
  public func gradient(of row: Int32) -> UnsafeMutablePointer<Element>? {
    let place = places[Int(row)]
    return place < 0 ? nil : values.pointer + Int(place) * width
  }

  /// Overwrites `target` [width] by the sum of a row's gradients over shards, added in their order.
  public static func sum(
    of row: Int32, over shards: [RowGradients<Element>], into target: UnsafeMutablePointer<Element>
  ) {
    var isFirst = true
    for shard in shards {
      guard let part = shard.gradient(of: row) else { continue }
      if isFirst {
        target.update(from: part, count: shard.width)
      } else {
        Element.kernels.pointee.add(part, 1, target, shard.width)
      }
      isFirst = false
    }
  }

  /// Adds dy [indices, width], row by row.
  func add(_ dy: UnsafePointer<Element>, at indices: [Int32]) {
    let known = rows.count
    for row in indices where places[Int(row)] < 0 {
      places[Int(row)] = Int32(rows.count)
      rows.append(row)
    }
    reserve(keeping: known)
    let kernels = Element.kernels
    kernels.pointee.fill(values.pointer + known * width, 0, (rows.count - known) * width)
    kernels.pointee.scatter_add_rows(dy, indices.map { places[Int($0)] }, values.pointer, indices.count, width)
  }

  private func reserve(keeping known: Int) {
    guard rows.count * width > values.count else { return }
    let larger = FlatBuffer<Element>(count: max(rows.count * width, values.count * 3 / 2))
    larger.pointer.update(from: values.pointer, count: known * width)
    values = larger
  }
}
