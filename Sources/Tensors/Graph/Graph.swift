import CKernels

/// One shard's forward pass, recorded so that it can be run backwards.
///
/// ```swift
/// let graph = try Graph<Float>()                    // one a thread, kept over all steps
/// graph.begin(recording: true, randomness: Randomness(seed: 7, step: step))
/// let x = try graph.linear(input, weight: graph.parameter("w", of: model), bias: nil)
/// try graph.crossEntropy(x, labels: labels, scale: 1 / wholeBatch)   // a sum, times 1 / (whole batch's denominator)
/// graph.backward()                                  // adds to the binding's gradients; graph.loss is the sum of losses
/// ```
///
/// Losses write their gradients at once; operations record a closure each. Gradients of intermediate values are
/// overwritten by their first user and added to by the others, and their memory is reused as the pass goes back.
/// A graph belongs to one thread. Nothing it computes depends on which one.
public final class Graph<Element: TensorElement> {
  /// Memory of the current pass.
  public let arena: Arena
  /// Σ of the losses of this pass, each times its scale.
  public private(set) var loss = 0.0
  /// Whether this pass can be run backwards.
  public private(set) var isRecording = false
  /// Keep the gradients of intermediate values readable after `backward` (for tests and analyses).
  public var keepsGradients = false

  let blas: BLAS
  let kernels: UnsafePointer<retort_kernels>
  private var randomness: Randomness?
  private var dropoutCount: UInt32 = 0
  private var slots: [Slot] = []
  private var nodes: [Node] = []
  private var scratch: Room?
  private var packed: Room?
  private var freed: [Room] = []

  private typealias Room = (pointer: UnsafeMutablePointer<Element>, count: Int)

  private struct Slot {
    var gradient: UnsafeMutablePointer<Element>?
    var needsGradient: Bool
    var isWritten: Bool
    /// For a parameter whose gradient replaces the last pass's: what keeps it, and where in the buffer it lies.
    var keeper: (gradients: ShardGradients<Element>, range: Range<Int>)?
  }

  private struct Node {
    var outputs: [Tensor<Element>]
    var backward: (Graph<Element>) -> Void
  }

  /// - Parameter kernels: a table of `Kernels.named`, for tests; nil takes the best of this machine.
  /// - Throws: `TensorError.libraryMissing` without OpenBLAS.
  public init(arena: Arena = Arena(), kernels: UnsafePointer<retort_kernels>? = nil) throws(TensorError) {
    self.arena = arena
    self.kernels = kernels ?? Element.kernels
    blas = try BLAS.shared()
  }

  /// Starts a pass: forgets the last one and frees its memory.
  ///
  /// - Parameters:
  ///   - recording: whether `backward` will be called.
  ///   - randomness: what dropout masks come from; nil turns dropout off.
  public func begin(recording: Bool, randomness: Randomness? = nil) {
    arena.reset()
    slots.removeAll(keepingCapacity: true)
    nodes.removeAll(keepingCapacity: true)
    freed.removeAll(keepingCapacity: true)
    scratch = nil
    packed = nil
    (loss, dropoutCount) = (0, 0)
    (isRecording, self.randomness) = (recording, randomness)
  }

  // MARK: Leaves

  /// A parameter, by its name in the layout.
  public func parameter(_ name: String, of model: ParameterBinding<Element>) throws(TensorError) -> Tensor<Element> {
    try parameter(try model.layout.entry(name), of: model)
  }

  /// A parameter (or several fused) as a matrix: the first dimension is the rows; a vector is one row.
  ///
  /// - Throws: `TensorError.parameter` for a table whose gradients are kept by rows: only `table(_:of:)` gives it.
  public func parameter(
    _ entry: ParameterLayout.Entry, of model: ParameterBinding<Element>
  ) throws(TensorError) -> Tensor<Element> {
    if case .replaced(let gradients)? = model.target, let table = gradients.table, table.entry.offset == entry.offset {
      throw .parameter(name: entry.name, detail: "its gradients are kept by rows; only look-ups can use it")
    }
    return leaf(entry, of: model)
  }

  /// A table that only look-ups use: its gradients may be kept by rows.
  public func table(_ name: String, of model: ParameterBinding<Element>) throws(TensorError) -> Tensor<Element> {
    leaf(try model.layout.entry(name), of: model)
  }

  private func leaf(_ entry: ParameterLayout.Entry, of model: ParameterBinding<Element>) -> Tensor<Element> {
    var slot = Slot(gradient: nil, needsGradient: isRecording && model.target != nil, isWritten: false)
    if isRecording {
      switch model.target {
      case .added(let gradients):
        slot.gradient = gradients.pointer + entry.offset
        slot.isWritten = true
      case .replaced(let gradients):
        slot.gradient = gradients.dense.pointer + entry.offset
        slot.keeper = (gradients, entry.range)
      case nil: break
      }
    }
    slots.append(slot)
    let rows = entry.shape.count > 1 ? entry.shape[0] : 1
    return Tensor(
      rows: rows, columns: entry.count / max(rows, 1), pointer: model.values.pointer + entry.offset,
      index: slots.count - 1)
  }

  /// A value that takes no gradient, copied into the arena.
  public func constant(_ values: [Element], rows: Int, columns: Int) throws(TensorError) -> Tensor<Element> {
    guard values.count == rows * columns else {
      throw .shape(operation: "constant", detail: "\(values.count) elements are not [\(rows), \(columns)]")
    }
    let result = make(rows, columns, needsGradient: false)
    result.pointer.update(from: values, count: values.count)
    return result
  }

  /// Another graph's value as a constant of this one, not copied: that graph must not begin anew before this pass ends.
  public func constant(borrowing other: Tensor<Element>) -> Tensor<Element> {
    slots.append(Slot(gradient: nil, needsGradient: false, isWritten: false))
    return Tensor(rows: other.rows, columns: other.columns, pointer: other.pointer, index: slots.count - 1)
  }

  /// An input that takes a gradient, copied into the arena (for tests and for losses on given values).
  public func variable(_ values: [Element], rows: Int, columns: Int) throws(TensorError) -> Tensor<Element> {
    let result = try constant(values, rows: rows, columns: columns)
    slots[result.index].needsGradient = isRecording
    return result
  }

  /// Runs a frozen model, such as a teacher, inside this pass: no dropout, and its values take no gradient.
  ///
  /// The masks of the operations outside do not depend on whether it was called.
  public func frozen<Outcome>(_ body: () throws -> Outcome) rethrows -> Outcome {
    let outside = (isRecording, randomness, dropoutCount)
    (isRecording, randomness) = (false, nil)
    defer { (isRecording, randomness, dropoutCount) = outside }
    return try body()
  }

  // MARK: Running backwards

  /// Adds the gradients of `loss` to the bound parameters' gradients.
  public func backward() {
    for node in nodes.reversed() where node.outputs.contains(where: { slots[$0.index].isWritten }) {
      node.backward(self)
      guard !keepsGradients else { continue }
      for output in node.outputs { release(output) }
    }
  }

  /// The gradient of a value after `backward`; nil where it took none or was not kept.
  public func gradient(of tensor: Tensor<Element>) -> [Element]? {
    guard slots[tensor.index].isWritten, let pointer = slots[tensor.index].gradient else { return nil }
    return Array(UnsafeBufferPointer(start: pointer, count: tensor.count))
  }

  // MARK: For operations

  /// Room for a result.
  func make(_ rows: Int, _ columns: Int, needsGradient: Bool) -> Tensor<Element> {
    slots.append(Slot(gradient: nil, needsGradient: needsGradient && isRecording, isWritten: false))
    return Tensor(
      rows: rows, columns: columns, pointer: arena.allocate(Element.self, rows * columns), index: slots.count - 1)
  }

  func needsGradient(_ tensor: Tensor<Element>?) -> Bool { tensor.map { slots[$0.index].needsGradient } ?? false }

  /// Remembers how to go back through an operation; the closure runs if any output has a gradient.
  func record(_ outputs: [Tensor<Element>], _ backward: @escaping (Graph<Element>) -> Void) {
    if isRecording { nodes.append(Node(outputs: outputs, backward: backward)) }
  }

  /// The finished gradient of an operation's output; nil where no loss depends on it.
  func incoming(_ tensor: Tensor<Element>) -> UnsafeMutablePointer<Element>? {
    slots[tensor.index].isWritten ? slots[tensor.index].gradient : nil
  }

  /// Where an operation puts its input's gradient, and whether it must add to what is there. nil: not wanted.
  func outgoing(_ tensor: Tensor<Element>?) -> (pointer: UnsafeMutablePointer<Element>, accumulates: Bool)? {
    guard let tensor, slots[tensor.index].needsGradient else { return nil }
    if slots[tensor.index].isWritten, let gradient = slots[tensor.index].gradient { return (gradient, true) }
    if let (gradients, range) = slots[tensor.index].keeper, let gradient = slots[tensor.index].gradient {
      return (gradient, gradients.claim(range))
    }
    let gradient = slots[tensor.index].gradient ?? takeFreed(tensor.count)
    slots[tensor.index].gradient = gradient
    slots[tensor.index].isWritten = true
    return (gradient, false)
  }

  /// Adds the gradients of rows that were looked up in a table.
  func addRows(_ dy: UnsafePointer<Element>, at indices: [Int32], to table: Tensor<Element>?) {
    guard let table, slots[table.index].needsGradient else { return }
    if let keeper = slots[table.index].keeper, let kept = keeper.gradients.table,
      kept.entry.offset == keeper.range.lowerBound
    {
      kept.add(dy, at: indices)
    } else if let dt = outgoingZeroed(table) {
      kernels.pointee.scatter_add_rows(dy, indices, dt, indices.count, table.columns)
    }
  }

  /// Room that an operation may use while it runs; the next operation gets the same.
  func scratch(_ count: Int) -> UnsafeMutablePointer<Element> { take(count, from: &scratch) }

  /// The same for layouts of matrices, beside what an operation keeps in `scratch`.
  func packing(_ count: Int) -> UnsafeMutablePointer<Element> { take(count, from: &packed) }

  private func take(_ count: Int, from room: inout Room?) -> UnsafeMutablePointer<Element> {
    if let room, room.count >= count { return room.pointer }
    let pointer = arena.allocate(Element.self, count)
    room = (pointer, count)
    return pointer
  }

  func addLoss(_ value: Double) { loss += value }

  /// The mask of the next dropout of this pass; its rate is 0 where dropout is off.
  func nextDropout(rate: Double, firstRow: Int) throws(TensorError) -> retort_dropout {
    guard rate >= 0, rate < 1 else { throw .option(operation: "dropout", name: "rate", value: rate) }
    dropoutCount += 1
    guard let randomness, rate > 0 else { return retort_dropout() }
    let key = Philox.key(seed: randomness.seed)
    return retort_dropout(
      rate: rate, key: (key.x, key.y), stream: RandomStream.Purpose.firstDropout + dropoutCount,
      step: UInt32(truncatingIfNeeded: randomness.step), first_row: UInt32(truncatingIfNeeded: firstRow))
  }

  private func release(_ tensor: Tensor<Element>) {
    guard let gradient = slots[tensor.index].gradient else { return }
    freed.append((gradient, tensor.count))
    slots[tensor.index].gradient = nil
    slots[tensor.index].isWritten = false
  }

  /// The gradients of a layer's values have few different sizes: an exact fit is found at once.
  private func takeFreed(_ count: Int) -> UnsafeMutablePointer<Element> {
    if let place = freed.lastIndex(where: { $0.count == count }) { return freed.remove(at: place).pointer }
    return arena.allocate(Element.self, count)
  }
}
