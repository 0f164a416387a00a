import Tensors

/// A linear layer whose weight was packed for the running kernels: y = activation(x · Wᵀ + b).
protocol LinearLayer: Sendable {
  var inputs: Int { get }
  var outputs: Int { get }

  /// What the layer needs of its input [rows, inputs] (dense rows), valid until the workspace prepares anew.
  func prepare(_ x: UnsafePointer<Float>, rows: Int, in workspace: Workspace) -> PreparedRows

  /// Writes the given columns of [rows, outputs], rows `stride` elements apart. A layer may take what another of equal
  /// kind prepared.
  func run(
    _ x: PreparedRows, _ activation: Activation, into y: UnsafeMutablePointer<Float>, stride: Int, columns: Range<Int>)
}

/// Rows as a layer takes them.
enum PreparedRows {
  case floats(UnsafePointer<Float>, rows: Int)
  case integers(Int8Rows)
}

extension LinearLayer {
  /// Prepares and runs with dense rows.
  func callAsFunction(
    _ x: UnsafePointer<Float>, rows: Int, _ activation: Activation = .identity,
    into y: UnsafeMutablePointer<Float>, in workspace: Workspace
  ) {
    run(prepare(x, rows: rows, in: workspace), activation, into: y, stride: outputs, columns: 0..<outputs)
  }

  /// A crew member's columns, of what all members prepare alike.
  func share(
    _ x: UnsafePointer<Float>, rows: Int, _ activation: Activation = .identity,
    into y: UnsafeMutablePointer<Float>, by member: CrewMember
  ) {
    share(prepare(x, rows: rows, in: member.workspace), activation, into: y, stride: outputs, by: member)
    member.meet()
  }

  /// The same of rows that are prepared already, without waiting for the others.
  func share(
    _ x: PreparedRows, _ activation: Activation = .identity, into y: UnsafeMutablePointer<Float>, stride: Int,
    by member: CrewMember
  ) {
    let columns = member.share(of: outputs, grain: PackedWeight.grain)
    if !columns.isEmpty { run(x, activation, into: y, stride: stride, columns: columns) }
  }
}

/// A layer in f32.
struct FloatLayer: LinearLayer {
  let weight: PackedWeight
  let bias: FlatBuffer<Float>

  var inputs: Int { weight.inputs }
  var outputs: Int { weight.outputs }

  func prepare(_ x: UnsafePointer<Float>, rows: Int, in workspace: Workspace) -> PreparedRows {
    .floats(x, rows: rows)
  }

  func run(
    _ x: PreparedRows, _ activation: Activation, into y: UnsafeMutablePointer<Float>, stride: Int, columns: Range<Int>
  ) {
    guard case .floats(let x, let rows) = x else { return }
    weight.apply(to: x, rows: rows, bias: bias, activation: activation, into: y, stride: stride, columns: columns)
  }
}
