/// The components of a recipe, each with the path that people know it by: what *why* compares and prints.
///
/// | in the recipe | path |
/// | --- | --- |
/// | a field | `options.temperature` |
/// | an element of an array | `options.layers[2]` |
/// | an entry of a dictionary | `options.weights["positive"]` |
/// | an element of a set | `options.tags{"rare"}` |
/// | a stage that is used inside | `uses[distill.task]`, whose value is its version |
/// | a port that is written | `outputs[train]`, whose value is its kind |
///
/// Composite keys and elements stand as the first digits of their digest.
public struct RecipeTree: Sendable, Hashable {
  public struct Leaf: Sendable, Hashable {
    public var path: String
    public var value: RecipeValue
    /// Where the value's content begins in the recipe's bytes: for an input or a source, its digest.
    public var offset: Int
  }

  /// In order of the recipe's bytes.
  public private(set) var leaves: [Leaf]

  /// - Throws: `RetortError` (`recipe.unreadable`) where the bytes are no recipe, whatever they are.
  public init(_ recipe: Recipe) throws { try self.init(bytes: recipe.bytes) }

  init(bytes: [UInt8]) throws {
    var reader = RecipeReader(bytes: bytes)
    try reader.readAll()
    leaves = Self.merged(Self.merged(reader.leaves, list: "uses", "id", "version"), list: "outputs", "name", "kind")
  }

  /// The leaves that refer to content: inputs and sources. Quicker than all of a tree.
  ///
  /// - Throws: `RetortError` (`recipe.unreadable`).
  public static func references(of recipe: Recipe) throws -> [Leaf] {
    var reader = RecipeReader(bytes: recipe.bytes, seeksReferences: true)
    try reader.readAll()
    return reader.leaves.filter { leaf in
      switch leaf.value {
      case .input, .source: true
      default: false
      }
    }
  }

  public subscript(path: String) -> RecipeValue? { leaves.first { $0.path == path }?.value }

  /// Turns `list[0].id`, `list[0].version` into one leaf named for the element: another element before it then changes
  /// nothing.
  private static func merged(_ leaves: [Leaf], list: String, _ name: String, _ value: String) -> [Leaf] {
    let stem = "\(list)["
    guard leaves.contains(where: { $0.path.hasPrefix(stem) }) else { return leaves }
    var names: [Substring: String] = [:]
    for leaf in leaves where leaf.path.hasPrefix(stem) && leaf.path.hasSuffix("].\(name)") {
      if case .string(let text) = leaf.value { names[leaf.path.dropLast(name.utf8.count + 1)] = text }
    }
    return leaves.compactMap { leaf in
      guard leaf.path.hasPrefix(stem), let dot = leaf.path.lastIndex(of: "."),
        let element = names[leaf.path[..<dot]]
      else { return leaf }
      guard leaf.path[leaf.path.index(after: dot)...] == value else { return nil }
      return Leaf(path: "\(list)[\(element)]", value: leaf.value, offset: leaf.offset)
    }
  }
}

extension RecipeTemplate {
  /// The components, with zeros where the digests of inputs and sources will go.
  public var tree: RecipeTree {
    get throws { try RecipeTree(bytes: bytes) }
  }

  /// The option that holds a hole, without `options.` before it; for messages.
  public func field(of hole: RecipeHole) -> String? {
    guard let placed = holes.first(where: { $0.hole == hole }) else { return nil }
    return (try? tree)?.leaves.first { $0.offset == placed.offset }.map { RecipeTree.optionName($0.path) }
  }
}

extension RecipeTree {
  /// The path below the options, or the path itself for the rest of a recipe.
  ///
  /// What stands unnamed behind a choice, which is encoded as `_0`, goes without a name.
  public static func optionName(_ path: String) -> String {
    guard path.hasPrefix("options.") else { return path }
    // Read for every leaf of a lineage: a pattern would be most of that work.
    let bytes = path.utf8.dropFirst("options.".utf8.count)
    guard bytes.contains(UInt8(ascii: "_")) else { return String(Substring(bytes)) }
    var name: [UInt8] = []
    var rest = bytes
    while let byte = rest.first {
      let behind = rest.dropFirst(3).first
      if rest.starts(with: "._0".utf8), behind == nil || behind == UInt8(ascii: ".") || behind == UInt8(ascii: "[") {
        rest = rest.dropFirst(3)
      } else {
        name.append(byte)
        rest = rest.dropFirst()
      }
    }
    return String(decoding: name, as: UTF8.self)
  }
}
