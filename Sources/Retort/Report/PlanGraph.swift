import Planning

/// A plan as a graph in the languages of other tools.
struct PlanGraph {
  struct Node {
    var label: String
    var stage: String
    var status: String
    var isRoot: Bool
  }

  struct Arrow {
    var from: Int
    var to: Int
    var port: String
  }

  var name: String
  var nodes: [Node]
  var arrows: [Arrow]

  init(_ plan: Plan) {
    name = plan.options.pipeline
    let roots = Set(plan.roots)
    nodes = plan.steps.map {
      Node(
        label: $0.label, stage: $0.identity.id, status: PlanReport.word(for: $0.status),
        isRoot: roots.contains($0.index))
    }
    arrows = plan.steps.flatMap { step in
      step.inputs.map { Arrow(from: $0.step, to: step.index, port: $0.edge.port) }
    }
  }

  var mermaid: String {
    var lines = ["flowchart TD"]
    for (index, node) in nodes.enumerated() {
      let text = "\(Self.html(node.label))<br/><small>\(Self.html(node.stage))</small>"
      lines.append("  n\(index)" + (node.isRoot ? "([\"\(text)\"])" : "[\"\(text)\"]") + ":::\(node.status)")
    }
    for arrow in arrows {
      lines.append("  n\(arrow.from) -->" + (arrow.port.isEmpty ? "" : "|\(Self.html(arrow.port))|") + " n\(arrow.to)")
    }
    lines += [
      "  classDef cached fill:#d8f0d8,stroke:#4a4", "  classDef execute fill:#fff0c8,stroke:#b80",
      "  classDef waiting fill:#fff8e4,stroke:#b80,stroke-dasharray:4", "  classDef unselected fill:#eee,stroke:#999",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  var dot: String {
    var lines = [
      "digraph \(Self.quoted(name)) {", "  rankdir=TB;",
      "  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\"];",
    ]
    for (index, node) in nodes.enumerated() {
      let fill =
        switch node.status {
        case "cached": "#d8f0d8"
        case "execute": "#fff0c8"
        case "waiting": "#fff8e4"
        default: "#eeeeee"
        }
      let edge = node.isRoot ? ", penwidth=2" : ""
      let text = Self.quoted(node.label).dropLast() + "\\n" + Self.quoted(node.stage).dropFirst()
      lines.append("  n\(index) [label=\(text), fillcolor=\"\(fill)\"\(edge)];")
    }
    for arrow in arrows {
      lines.append(
        "  n\(arrow.from) -> n\(arrow.to)" + (arrow.port.isEmpty ? ";" : " [label=\(Self.quoted(arrow.port))];"))
    }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }

  var json: JSONLine {
    .fields([
      "pipeline": .string(name),
      "nodes": .array(
        nodes.map {
          .fields([
            "label": .string($0.label), "stage": .string($0.stage), "status": .string($0.status),
            "root": .bool($0.isRoot),
          ])
        }),
      "edges": .array(
        arrows.map {
          .fields([
            "from": .string(nodes[$0.from].label), "to": .string(nodes[$0.to].label),
            "port": $0.port.isEmpty ? nil : .string($0.port),
          ])
        }),
    ])
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private static func html(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
