import CKernels

/// A flat, 64-byte aligned run of elements that starts as zeros: all values of a model, or all gradients, or one moment.
///
/// It is shared by reference and not locked. The rule that makes it safe: while shards run, parameter values are only
/// read and each shard writes its own gradients; optimisers write values and moments while no shard runs.
public final class FlatBuffer<Element: TensorElement>: @unchecked Sendable {
  public let count: Int
  /// The first element; valid as long as the buffer lives.
  public let pointer: UnsafeMutablePointer<Element>
  private let block: retort_block

  public init(count: Int) {
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Element>.stride
    var block = retort_block()
    pointer = retort_zeroed(bytes, &block).bindMemory(to: Element.self, capacity: max(count, 1))
    self.block = block
  }

  public convenience init(_ values: [Element]) {
    self.init(count: values.count)
    pointer.update(from: values, count: values.count)
  }

  deinit { retort_free(block) }

  /// A copy of a range.
  public subscript(range: Range<Int>) -> [Element] {
    Array(UnsafeBufferPointer(rebasing: buffer[range]))
  }

  public var buffer: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: pointer, count: count) }

  /// Overwrites the elements from `offset` on.
  public func write(_ values: some Collection<Element>, at offset: Int = 0) {
    _ = UnsafeMutableBufferPointer(rebasing: buffer[offset..<offset + values.count]).update(fromContentsOf: values)
  }

  public func fill(_ value: Element) { Element.kernels.pointee.fill(pointer, Double(value), count) }

  public func copy() -> FlatBuffer<Element> {
    let other = FlatBuffer(count: count)
    other.pointer.update(from: pointer, count: count)
    return other
  }

  /// A copy of the first elements; the buffer itself where that is all of them.
  public func prefix(_ count: Int) -> FlatBuffer<Element> {
    guard count < self.count else { return self }
    let part = FlatBuffer(count: max(0, count))
    part.pointer.update(from: pointer, count: part.count)
    return part
  }

  /// Σ x², accumulated in double: the square of the norm that clipping compares.
  public func squaredNorm(_ range: Range<Int>? = nil) -> Double {
    let range = range ?? 0..<count
    return Element.kernels.pointee.squared_norm(pointer + range.lowerBound, range.count)
  }

  /// How many elements are NaN or infinite.
  public func nonFiniteCount(_ range: Range<Int>? = nil) -> Int {
    let range = range ?? 0..<count
    return Element.kernels.pointee.count_non_finite(pointer + range.lowerBound, range.count)
  }

  /// Overwrites `range` of this buffer by the sum of the shards' buffers, added in their order.
  ///
  /// Each element is summed alone, so any cut of the whole range into calls (a thread each) gives the same bits.
  public func sum(of shards: [FlatBuffer<Element>], _ range: Range<Int>? = nil) {
    let range = range ?? 0..<count
    guard let first = shards.first else {
      return Element.kernels.pointee.fill(pointer + range.lowerBound, 0, range.count)
    }
    if first !== self {
      (pointer + range.lowerBound).update(from: first.pointer + range.lowerBound, count: range.count)
    }
    for shard in shards.dropFirst() {
      Element.kernels.pointee.add(shard.pointer + range.lowerBound, 1, pointer + range.lowerBound, range.count)
    }
  }
}
