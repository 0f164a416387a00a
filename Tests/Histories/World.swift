import Artifacts
import RetortTesting

/// A pipeline as data, with every component that a key has: what tests edit at random, run, and compute without an engine.
///
/// It is `Codable`, so that a process of its own can run it.
public struct World: Codable, Sendable {
  public struct Input: Codable, Hashable, Sendable {
    public var node: Int
    /// Of a division: 1 for the quotient, 2 for the remainder.
    public var port = 0
  }

  public enum Kind: String, Codable, Sendable {
    /// Stages of two types, which compute alike.
    case mix, blend
    /// Runs a `mix` inside itself.
    case nest
    case divide
    /// A number as a folder, and back.
    case pack, unpack

    public var isNumber: Bool { self != .divide && self != .pack }
  }

  public struct Node: Codable, Sendable {
    public var kind: Kind
    public var inputs: [Input]
    public var factor = 1
    public var value = 0
    public var modulus = 1009
    /// Nil for the run's.
    public var seed: UInt64?
    /// One of the user's files.
    public var file: Int?
  }

  public var nodes: [Node] = []
  public var roots: [Int] = []
  /// New labels of nodes; the others are named for their position.
  public var labels: [Int: String] = [:]
  /// What is written in the user's files, and what they are called.
  public var files: [String]
  public var fileNames: [String]
  public var folder: FilePathText
  public var defaultSeed: UInt64 = 0
  /// The versions of `mix`, `blend` and `nest`, and what their source files are.
  public var versions = [1, 1, 1]
  public var code = [1, 1, 1]
  /// Whether changed code counts.
  public var rerunsCode = false

  public init(count: Int, files: Int, in folder: FilePath, using random: inout Dice) {
    self.files = (0..<files).map { "\($0 + 3)" }
    fileNames = (0..<files).map { "file-\($0)" }
    self.folder = FilePathText(folder)
    while nodes.count < count { addNode(using: &random) }
    roots = [nodes.count - 1]
    while roots.count < 3 { roots.append(Int.random(in: 0..<nodes.count, using: &random)) }
  }

  public func label(of node: Int) -> String { labels[node] ?? "n\(node)" }

  /// All outputs of one number before a node.
  private func numbers(before position: Int) -> [Input] {
    nodes[..<position].indices.flatMap { node -> [Input] in
      switch nodes[node].kind {
      case .pack: []
      case .divide: [Input(node: node, port: 1), Input(node: node, port: 2)]
      default: [Input(node: node)]
      }
    }
  }

  mutating func addNode(using random: inout Dice) {
    let position = nodes.count
    let numbers = numbers(before: position)
    let packs = nodes.indices.filter { nodes[$0].kind == .pack }
    var kind: Kind = [.mix, .mix, .mix, .blend, .nest, .divide, .pack, .unpack].randomElement(using: &random) ?? .mix
    if numbers.isEmpty || kind == .unpack && packs.isEmpty { kind = .mix }
    var node = Node(kind: kind, inputs: [])
    switch kind {
    case .unpack: node.inputs = [Input(node: packs.randomElement(using: &random) ?? 0)]
    case .divide, .pack: node.inputs = numbers.randomElement(using: &random).map { [$0] } ?? []
    default:
      node.inputs = (0..<Int.random(in: 0...3, using: &random)).compactMap { _ in numbers.randomElement(using: &random)
      }
      if node.inputs.isEmpty, !files.isEmpty, kind != .nest {
        node.file = Int.random(in: 0..<files.count, using: &random)
      }
    }
    node.factor = Int.random(in: 1...3, using: &random)
    node.value = Int.random(in: 0...3, using: &random)
    // A small one makes unlike inputs give like outputs.
    node.modulus = Bool.random(using: &random) ? 4 : 1009
    nodes.append(node)
  }

  /// What may stand in place of an input: an output of one number for another.
  func otherInput(than input: Input, of node: Int, using random: inout Dice) -> Input? {
    numbers(before: node).filter { $0 != input }.randomElement(using: &random)
  }

  /// The positions of all nodes that the roots need.
  public var reached: Set<Int> {
    var found = Set(roots)
    var open = roots
    while let node = open.popLast() {
      for input in nodes[node].inputs where found.insert(input.node).inserted { open.append(input.node) }
    }
    return found
  }

  public func path(of file: Int) -> FilePath { folder.path.appending(fileNames[file]) }

  /// Writes the user's files, all of them anew.
  public func writeFiles() throws {
    for (file, text) in files.enumerated() {
      try Files.replace(path(of: file), with: Array(text.utf8), isDurable: false)
    }
  }
}

/// A path in JSON.
public struct FilePathText: Codable, Sendable {
  var text: String
  init(_ path: FilePath) { text = path.string }
  var path: FilePath { FilePath(text) }
}
