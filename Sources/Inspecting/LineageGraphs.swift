import Artifacts

extension Lineage {
  /// The graph for Graphviz, drawn in the direction in which data flows.
  public var dot: String {
    var lines = ["digraph lineage {", "  rankdir=LR;", "  node [shape=box, style=rounded];"]
    for node in nodes {
      let emphasis = node.id == root ? ", penwidth=2" : ""
      lines.append("  n\(node.id) [label=\(Self.quoted(node.caption.joined(separator: "\n")))\(emphasis)];")
      for source in node.sources.sorted(by: { $0.key < $1.key }) {
        let name = "s\(node.id)_\(source.value.short)"
        lines.append("  \(name) [label=\(Self.quoted("file \(source.value.short)")), shape=note];")
        lines.append("  \(name) -> n\(node.id) [label=\(Self.quoted(source.key))];")
      }
    }
    for edge in edges { lines.append("  n\(edge.from) -> n\(edge.to) [label=\(Self.quoted(edge.option))];") }
    return (lines + ["}"]).joined(separator: "\n")
  }

  /// The graph for Mermaid, as Markdown viewers draw it.
  public var mermaid: String {
    var lines = ["flowchart LR"]
    for node in nodes {
      lines.append("  n\(node.id)[\"\(node.caption.map(Self.escaped).joined(separator: "<br/>"))\"]")
      for source in node.sources.sorted(by: { $0.key < $1.key }) {
        lines.append(
          "  s\(node.id)_\(source.value.short)[/\"file \(source.value.short)\"/] -->|\"\(Self.escaped(source.key))\"| n\(node.id)"
        )
      }
    }
    for edge in edges {
      lines.append("  n\(edge.from) -->\(edge.option.isEmpty ? "" : "|\"\(Self.escaped(edge.option))\"|") n\(edge.to)")
    }
    return lines.joined(separator: "\n")
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text {
      switch character {
      case "\"", "\\": result += "\\\(character)"
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result + "\""
  }

  /// Mermaid takes entities with a hash instead of an ampersand.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\"": result += "#quot;"
      case "<": result += "#lt;"
      case ">": result += "#gt;"
      case "#": result += "#35;"
      case "\n": result += " "
      default: result.append(character)
      }
    }
    return result
  }
}

extension Lineage.Node {
  /// Label, stage, and digest, a line each.
  fileprivate var caption: [String] {
    [
      label ?? "(unlabelled)", "\(stage.id)@\(stage.version)",
      outputs.count == 1 ? outputs.values.first?.short ?? "" : kind,
    ]
  }
}
