import Artifacts

extension Lineage {
  /// The deepest branch that the tree draws: deeper ones are for programs.
  static let deepestBranch = 60

  /// The lineage as indented lines; a node that was drawn before is drawn once more without its branches.
  public var tree: String {
    let byID = Dictionary(nodes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let branches = Dictionary(grouping: edges) { direction == .up ? $0.to : $0.from }
    struct Item {
      var id: Int64
      var option: String
      var prefix: String
      var isLast: Bool
      var depth: Int
    }
    var lines: [String] = []
    var drawn: Set<Int64> = []
    var stack = [Item(id: root, option: "", prefix: "", isLast: true, depth: 0)]
    while let item = stack.popLast() {
      guard let node = byID[item.id] else { continue }
      let children = branches[item.id] ?? []
      let isRepeated = !drawn.insert(item.id).inserted && !(children.isEmpty && node.sources.isEmpty)
      let bend = item.depth == 0 ? "" : item.isLast ? "└─ " : "├─ "
      let option = item.option.isEmpty ? "" : "\(item.option): "
      lines.append(item.prefix + bend + option + node.title + (isRepeated ? " (see above)" : ""))
      if isRepeated { continue }
      let inner = item.depth == 0 ? "" : item.prefix + (item.isLast ? "   " : "│  ")
      if item.depth >= Self.deepestBranch, !children.isEmpty {
        lines.append(inner + "└─ … (deeper: --format json)")
        continue
      }
      let sources = direction == .up ? node.sources.sorted { $0.key < $1.key } : []
      for (position, source) in sources.enumerated() {
        let isLast = position == sources.count - 1 && children.isEmpty
        lines.append(inner + (isLast ? "└─ " : "├─ ") + "\(source.key): file \(source.value.short)")
      }
      for (position, edge) in children.enumerated().reversed() {
        stack.append(
          Item(
            id: direction == .up ? edge.from : edge.to, option: edge.option, prefix: inner,
            isLast: position == children.count - 1, depth: item.depth + 1))
      }
    }
    if isCut { lines.append("… (cut: there is more, see --depth and --limit)") }
    return lines.joined(separator: "\n")
  }
}

extension Lineage.Node {
  /// Label, stage, first digits of the digest, kind, size and time, on one line.
  var title: String {
    let digest = outputs.count == 1 ? outputs.values.first?.short ?? "" : "\(outputs.count) outputs"
    return [
      label ?? "(unlabelled)", "\(stage.id)@\(stage.version)", digest, kind, bytes.asBytes, seconds.asSeconds,
      "run \(run)",
    ].filter { !$0.isEmpty }.joined(separator: "  ")
  }
}
