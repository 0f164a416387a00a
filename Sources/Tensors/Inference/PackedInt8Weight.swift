import CKernels

/// A linear layer with weights of 8 bits, one scale an output, packed once for the integer loops.
public struct PackedInt8Weight: Sendable {
  public let outputs: Int
  public let inputs: Int
  private let panels: AlignedBytes
  private let sums: [Int32]
  private let scales: FlatBuffer<Float>
  private let bias: FlatBuffer<Float>?
  /// [outputs, inputs], kept only for oneDNN.
  private let plain: AlignedBytes?
  nonisolated(unsafe) private let kernels: UnsafePointer<retort_int8_kernels>
  private let onednn: OneDNN?

  /// The most inputs of which no sum can leave 32 bits: of products of an activation up to 255 with a weight of which
  /// none is larger than `weight`, ⌊(2³¹ − 1) / (255 · weight)⌋ (66,311 for 127, 65,793 for 128).
  public static func longestInput(largestWeight weight: Int) -> Int { Int(Int32.max) / (255 * max(1, weight)) }

  /// - Parameters:
  ///   - weight: [outputs, inputs] of 8 bits; −128 is allowed.
  ///   - scales: [outputs].
  ///   - onednn: computes the products instead of our loops; nil takes what `RETORT_INT8` asks for.
  ///   - instructionSet: a name of `Int8Kernels.instructionSets`; nil takes the best of this machine.
  /// - Throws: `TensorError.shape` where the operands do not fit together.
  public init(
    _ weight: [Int8], scales: [Float], bias: [Float]?, inputs: Int, instructionSet: String? = nil,
    onednn: OneDNN? = nil
  ) throws(TensorError) {
    outputs = scales.count
    self.inputs = inputs
    let longest = Self.longestInput(largestWeight: weight.contains(.min) ? 128 : 127)
    guard weight.count == outputs * inputs, bias?.count ?? outputs == outputs, inputs <= longest else {
      throw .shape(
        operation: "int8 linear",
        detail: "\(weight.count) weights, \(outputs) scales and \(bias?.count ?? 0) biases for \(inputs) inputs")
    }
    kernels = instructionSet.map { Int8Kernels.choice($0) } ?? Int8Kernels.current
    panels = AlignedBytes(count: retort_int8_packed_bytes(outputs, inputs))
    var sums = [Int32](repeating: 0, count: outputs)
    retort_int8_pack(weight, outputs, inputs, panels.pointer, &sums)
    self.sums = sums
    self.scales = FlatBuffer(scales)
    self.bias = bias.map { FlatBuffer($0) }
    self.onednn = onednn ?? Int8Kernels.onednn
    plain = self.onednn.map { _ in AlignedBytes(weight) }
  }

  /// y [rows, outputs] = activation(x · Wᵀ + bias): integer products, exact int32 sums, f32 behind; y's rows are
  /// `stride` floats apart (nil: dense).
  ///
  /// - Parameter columns: the outputs to compute, from a multiple of `PackedWeight.grain` on; nil for all.
  public func apply(
    to x: Int8Rows, activation: Activation = .identity, into y: UnsafeMutablePointer<Float>, stride: Int? = nil,
    columns: Range<Int>? = nil
  ) {
    let columns = columns ?? 0..<outputs
    let y = y + columns.lowerBound
    withDescription(of: columns) { weight in
      var rows = x.description
      guard onednn != nil else {
        return kernels.pointee.linear(&rows, &weight, activation.code, y, stride ?? outputs)
      }
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: x.rows * columns.count) { raw in
        guard let sums = raw.baseAddress else { return }
        multiply(x, &rows, &weight, from: columns.lowerBound, into: sums)
        kernels.pointee.finish(&rows, &weight, sums, activation.code, y, stride ?? outputs)
      }
    }
  }

  /// The bare sums Σ value · weight, [rows, outputs], before zero points and scales.
  public func integerSums(of x: Int8Rows) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: max(1, x.rows * outputs)) { buffer, count in
      guard let sums = buffer.baseAddress else { return }
      withDescription(of: 0..<outputs) { weight in
        var rows = x.description
        multiply(x, &rows, &weight, from: 0, into: sums)
      }
      count = x.rows * outputs
    }
  }

  private func multiply(
    _ x: Int8Rows, _ rows: inout retort_int8_rows, _ weight: inout retort_int8_weight, from first: Int,
    into sums: UnsafeMutablePointer<Int32>
  ) {
    if let onednn, let plain,
      retort_onednn_product(
        onednn.functions, &rows, plain.pointer + first * inputs, weight.outputs, inputs, sums) == 0
    {
      return
    }
    kernels.pointee.product(&rows, &weight, sums)
  }

  private func withDescription(of columns: Range<Int>, _ body: (inout retort_int8_weight) -> Void) {
    let first = columns.lowerBound
    sums.withUnsafeBufferPointer { sums in
      var weight = retort_int8_weight(
        panels: panels.pointer + retort_int8_packed_bytes(first, inputs), sums: sums.baseAddress.map { $0 + first },
        scales: scales.pointer + first, bias: bias.map { UnsafePointer($0.pointer + first) },
        outputs: columns.count, inputs: inputs)
      body(&weight)
    }
  }
}

/// An embedding table [entries, width] of 8 bits, one scale a row.
public struct Int8Table: Sendable {
  private let values: AlignedBytes
  private let scales: FlatBuffer<Float>
  private let width: Int

  /// - Parameter values: [entries, width], as many entries as scales.
  public init(_ values: [Int8], scales: [Float]) {
    (self.values, self.scales) = (AlignedBytes(values), FlatBuffer(scales))
    width = values.count / max(scales.count, 1)
  }

  /// y[i] = (y[i] +) scale · row of `ids[i]`; ids are in range.
  public func embed(_ ids: [Int32], adding: Bool, into y: UnsafeMutablePointer<Float>) {
    Int8Kernels.current.pointee.embed(values.pointer, scales.pointer, ids, adding ? 1 : 0, y, ids.count, width)
  }
}

/// Bytes at a 64-byte boundary, only read once they are filled.
final class AlignedBytes: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Int8>

  init(count: Int) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 64)
    pointer = memory.bindMemory(to: Int8.self, capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: count)
  }

  convenience init(_ bytes: [Int8]) {
    self.init(count: bytes.count)
    pointer.update(from: bytes, count: bytes.count)
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}
