import Artifacts
import Foundation
import Testing

@testable import Inspecting

/// The renderers are functions of a value: the expected text is written by hand.
@Suite struct RenderingTests {
  static func node(_ id: Int64, _ label: String?, sources: [String: Digest] = [:]) -> Lineage.Node {
    Lineage.Node(
      id: id, label: label, stage: StageIdentity(id: "s", version: 1), run: RunID(1),
      key: Key(Digest(of: [UInt8(truncatingIfNeeded: id)])), outputs: ["": Digest(of: [])], kind: "k", bytes: 10,
      seconds: 1, sources: sources)
  }

  static func edge(_ from: Int64, _ to: Int64, _ option: String) -> Lineage.Edge {
    Lineage.Edge(from: from, to: to, option: option, digest: Digest(of: []))
  }

  /// c takes a and b, b takes a, a reads a file.
  let diamond = Lineage(
    direction: .up, root: 3,
    nodes: [node(3, "c"), node(2, "b"), node(1, "a", sources: ["file": Digest(of: [])])],
    edges: [edge(2, 3, "x"), edge(1, 3, "y"), edge(1, 2, "z")])

  @Test func tree() {
    // The digest of nothing begins e3b0c44298fc.
    let rest = "s@1  e3b0c44298fc  k  10 B  1.0 s  run 1"
    #expect(
      diamond.tree == """
        c  \(rest)
        ├─ x: b  \(rest)
        │  └─ z: a  \(rest)
        │     └─ file: file e3b0c44298fc
        └─ y: a  \(rest) (see above)
        """)
  }

  @Test func dot() {
    #expect(
      diamond.dot == #"""
        digraph lineage {
          rankdir=LR;
          node [shape=box, style=rounded];
          n3 [label="c\ns@1\ne3b0c44298fc", penwidth=2];
          n2 [label="b\ns@1\ne3b0c44298fc"];
          n1 [label="a\ns@1\ne3b0c44298fc"];
          s1_e3b0c44298fc [label="file e3b0c44298fc", shape=note];
          s1_e3b0c44298fc -> n1 [label="file"];
          n2 -> n3 [label="x"];
          n1 -> n3 [label="y"];
          n1 -> n2 [label="z"];
        }
        """#)
  }

  @Test func mermaid() {
    #expect(
      diamond.mermaid == """
        flowchart LR
          n3["c<br/>s@1<br/>e3b0c44298fc"]
          n2["b<br/>s@1<br/>e3b0c44298fc"]
          n1["a<br/>s@1<br/>e3b0c44298fc"]
          s1_e3b0c44298fc[/"file e3b0c44298fc"/] -->|"file"| n1
          n2 -->|"x"| n3
          n1 -->|"y"| n3
          n1 -->|"z"| n2
        """)
  }

  @Test func labelsCannotBreakOut() {
    let odd = Lineage(direction: .up, root: 1, nodes: [Self.node(1, "a\"]; <b>\n#")], edges: [])
    #expect(odd.dot.contains(#"label="a\"]; <b>\n#\ns@1"#))
    #expect(odd.mermaid.contains(#"n1["a#quot;]; #lt;b#gt; #35;<br/>"#))
  }

  @Test func jsonReadsBack() throws {
    let text = try JSONText.line(diamond)
    #expect(!text.contains("\n"))
    #expect(try JSONDecoder().decode(Lineage.self, from: Data(text.utf8)) == diamond)
  }

  @Test func deepChainIsDrawnWithoutGrowingForEver() {
    let nodes = (0..<5000).map { Self.node(Int64($0), "n\($0)") }
    let edges = (1..<5000).map { Self.edge(Int64($0), Int64($0 - 1), "in") }
    let tree = Lineage(direction: .up, root: 0, nodes: nodes, edges: edges).tree
    #expect(tree.split(separator: "\n").count == Lineage.deepestBranch + 2)
  }

  @Test func tableAlignsColumns() {
    var table = TextTable([("name", .left), ("n", .right)])
    table.add(["a", "10"])
    table.add(["longer", "9"])
    #expect(table.text == "name     n\na       10\nlonger   9")
  }
}
