/// Where each named parameter lies in a model's flat buffers.
///
/// Names are those of a Hugging Face state dictionary. Every entry starts at a multiple of 16 elements (gaps stay 0 in
/// values, gradients and moments), except inside a group, whose members touch so that they can be used as one matrix.
public struct ParameterLayout: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public let name: String
    public let shape: [Int]
    public let offset: Int
    public var count: Int { shape.reduce(1, *) }
    public var range: Range<Int> { offset..<offset + count }
  }

  public private(set) var entries: [Entry] = []
  /// Elements of a buffer for this layout, gaps included.
  public private(set) var count = 0
  private var indices: [String: Int] = [:]
  private static let alignment = 16

  public init() {}

  /// Elements of all parameters, gaps not counted.
  public var parameterCount: Int { entries.reduce(0) { $0 + $1.count } }

  /// Adds a parameter.
  public mutating func append(_ name: String, _ shape: [Int]) throws(TensorError) {
    try append(group: [(name, shape)])
  }

  /// Adds parameters that touch one another.
  public mutating func append(group: [(name: String, shape: [Int])]) throws(TensorError) {
    var offset = count
    for (name, shape) in group {
      guard indices[name] == nil else { throw .parameter(name: name, detail: "the layout has it twice") }
      guard shape.allSatisfy({ $0 > 0 }) else { throw .parameter(name: name, detail: "bad shape \(shape)") }
      indices[name] = entries.count
      entries.append(Entry(name: name, shape: shape, offset: offset))
      offset += shape.reduce(1, *)
    }
    count = (offset + Self.alignment - 1) / Self.alignment * Self.alignment
  }

  public subscript(name: String) -> Entry? { indices[name].map { entries[$0] } }

  /// - Throws: `TensorError.parameter` where there is none of this name.
  public func entry(_ name: String) throws(TensorError) -> Entry {
    guard let entry = self[name] else { throw .parameter(name: name, detail: "the model has none of this name") }
    return entry
  }

  /// Touching entries of one group as one, their first dimensions added.
  public func fused(_ names: [String]) throws(TensorError) -> Entry {
    guard let head = names.first else { throw .parameter(name: "", detail: "nothing to fuse") }
    let first = try entry(head)
    var rows = 0
    var end = first.offset
    for name in names {
      let part = try entry(name)
      guard part.offset == end, part.shape.dropFirst() == first.shape.dropFirst(), let height = part.shape.first else {
        throw .parameter(name: name, detail: "it does not continue \(head)")
      }
      rows += height
      end += part.count
    }
    return Entry(name: names.joined(separator: "+"), shape: [rows] + first.shape.dropFirst(), offset: first.offset)
  }
}

/// A layout with the buffers that a pass over it uses.
public struct ParameterBinding<Element: TensorElement>: Sendable {
  public let layout: ParameterLayout
  public let values: FlatBuffer<Element>
  /// Where gradients go; nil freezes the parameters.
  let target: Target?

  enum Target: Sendable {
    /// They are added to what is there.
    case added(FlatBuffer<Element>)
    /// They replace those of the last pass.
    case replaced(ShardGradients<Element>)
  }

  /// - Parameter gradients: where gradients are added; nil freezes the parameters.
  public init(_ layout: ParameterLayout, values: FlatBuffer<Element>, gradients: FlatBuffer<Element>? = nil) {
    (self.layout, self.values, target) = (layout, values, gradients.map { .added($0) })
  }

  /// Leaves the pass's gradients in `gradients`, whose layout must be this one.
  public init(_ layout: ParameterLayout, values: FlatBuffer<Element>, replacing gradients: ShardGradients<Element>) {
    (self.layout, self.values, target) = (layout, values, .replaced(gradients))
  }
}
