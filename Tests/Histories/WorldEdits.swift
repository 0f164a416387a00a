import Artifacts
import RetortTesting

/// What happens to a pipeline, its files and its program between two runs.
public enum Edit: String, CaseIterable, Sendable {
  // Components of keys.
  case factor, value, modulus, seed, defaultSeed, edge, stageID, version, content
  /// Another file with another content, and the same content in other bytes.
  case otherFile, blanks
  case add, root
  /// Under `--code-changes rerun` this counts, else not.
  case code
  // What must rerun nothing.
  case label, path, touch, nothing

  /// What no key may see.
  public var isNeutral: Bool { [.label, .path, .touch, .nothing].contains(self) }
}

extension World {
  /// Carries out an edit at a random place; one that finds no place changes nothing.
  ///
  /// - Returns: the node that it changed, and the path of the leaf of its recipe, where it is one leaf of one node.
  @discardableResult
  public mutating func apply(_ edit: Edit, using random: inout Dice) throws -> (node: Int, leaf: String)? {
    let computing = nodes.indices.filter { [.mix, .blend, .nest].contains(nodes[$0].kind) && reached.contains($0) }
    guard let node = computing.randomElement(using: &random) else { return nil }
    switch edit {
    case .factor:
      nodes[node].factor += 1
      return (node, "options.factor")
    case .value:
      nodes[node].value = (nodes[node].value + 1) % 5
      return (node, "options.value")
    case .modulus:
      nodes[node].modulus += 2
      return (node, "options.modulus")
    case .seed:
      guard nodes[node].kind != .nest else { return nil }
      nodes[node].seed = nodes[node].seed.map { $0 + 1 } ?? defaultSeed + 1
      return (node, "options.seed")
    case .edge:
      guard let position = nodes[node].inputs.indices.randomElement(using: &random),
        let other = otherInput(than: nodes[node].inputs[position], of: node, using: &random)
      else { return nil }
      nodes[node].inputs[position] = other
      return (node, "options.terms[\(position)]")
    case .stageID:
      guard nodes[node].kind != .nest, versions[0] == versions[1] else { return nil }
      nodes[node].kind = nodes[node].kind == .mix ? .blend : .mix
      return (node, "stage")
    case .defaultSeed: defaultSeed = (defaultSeed + 1) % 3
    case .version: versions[Int.random(in: 0..<3, using: &random)] = Int.random(in: 1...3, using: &random)
    case .code: code[Int.random(in: 0..<3, using: &random)] = Int.random(in: 1...2, using: &random)
    case .content, .blanks:
      guard let file = files.indices.randomElement(using: &random) else { return nil }
      files[file] = edit == .blanks ? files[file] + " " : "\(Int.random(in: 0..<9, using: &random))"
      try writeFiles()
    case .otherFile:
      guard nodes[node].kind != .nest, let file = files.indices.randomElement(using: &random) else { return nil }
      nodes[node].file = file
    case .add:
      addNode(using: &random)
      roots.append(nodes.count - 1)
    case .root:
      if roots.count > 1 { roots.removeFirst() }
      roots.append(Int.random(in: 0..<nodes.count, using: &random))
    case .label: labels[node] = "n\(node)-\(Int.random(in: 0..<1_000_000, using: &random))"
    case .path:
      guard let file = files.indices.randomElement(using: &random) else { return nil }
      try Files.remove(path(of: file))
      fileNames[file] = "file-\(file)-\(Int.random(in: 0..<1_000_000, using: &random))"
      try writeFiles()
    case .touch: try writeFiles()
    case .nothing: break
    }
    return nil
  }
}
