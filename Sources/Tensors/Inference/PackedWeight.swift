import CKernels

/// A linear layer's weight laid out once for the running kernels; it is never unpacked.
///
/// At 13 rows OpenBLAS spends most of its time packing the weight anew; this does not, and a row's result does not
/// depend on how many rows come with it.
public struct PackedWeight: Sendable {
  public let outputs: Int
  public let inputs: Int
  private let panels: FlatBuffer<Float>
  nonisolated(unsafe) private let kernels: UnsafePointer<retort_kernels>

  /// - Parameters:
  ///   - weight: [outputs, inputs], dense rows, as in PyTorch.
  ///   - instructionSet: a name of `Kernels.named`, for tests; nil takes the best of this machine.
  public init(_ weight: UnsafePointer<Float>, outputs: Int, inputs: Int, instructionSet: String? = nil) {
    (self.outputs, self.inputs) = (outputs, inputs)
    kernels = instructionSet.map { Kernels.choice($0) } ?? Kernels.float
    panels = FlatBuffer(count: kernels.pointee.packed_count(outputs, inputs))
    kernels.pointee.pack_weight(weight, panels.pointer, outputs, inputs)
  }

  /// Outputs of which a range of columns must begin at a multiple.
  public static let grain = 32

  /// y [rows, outputs] = activation(x [rows, inputs] · Wᵀ + bias), rows `stride` elements apart (nil: dense).
  ///
  /// - Parameter columns: the outputs to compute, from a multiple of `grain` on; nil for all.
  public func apply(
    to x: UnsafePointer<Float>, rows: Int, bias: FlatBuffer<Float>?, activation: Activation = .identity,
    into y: UnsafeMutablePointer<Float>, stride: Int? = nil, columns: Range<Int>? = nil
  ) {
    let columns = columns ?? 0..<outputs
    let first = columns.lowerBound
    kernels.pointee.packed_linear(
      x, inputs, panels.pointer + first * inputs, bias.map { $0.pointer + first }, activation.code, y + first,
      stride ?? outputs, rows, inputs, columns.count)
  }
}
