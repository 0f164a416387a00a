import Artifacts
import Inspecting
import Storing
import Testing

/// What was made from a result, where results came to be in more than one way.
@Suite struct LineageDownTests {
  private let cache: GraphCache

  init() throws { cache = try GraphCache() }

  /// After an edit that gave the old bytes, what was made from them is the new result's, once the old one is forgotten.
  @Test func takersOfAForgottenTwinAreTheOthers() throws {
    var stages = [
      TestStage(label: "data", options: ["order": 1], isConstant: true),
      TestStage(label: "model", inputs: ["data": 0]),
    ]
    try cache.run(stages)
    stages[0].options["order"] = 2
    try cache.run(stages)
    func taken() throws -> (up: [Int64], down: [Int64]) {
      let (data, model) = (try cache.inspector.artifact("data"), try cache.inspector.artifact("model"))
      return (
        try cache.inspector.lineage(of: model.execution, .up).nodes.map(\.id),
        try cache.inspector.lineage(of: data.execution, .down).nodes.map(\.id)
      )
    }
    // The model was made from the first one.
    #expect(try taken().down.count == 1)
    _ = try cache.cache.gc(keeping: CollectionPolicy(runs: 1))
    let ids = try taken()
    #expect(ids.up.count == 2 && ids.down == ids.up.reversed())
  }

  /// Takers that were seen already count for no limit, and what is left out is said.
  @Test func knownTakersHideNoOthers() throws {
    var stages = [TestStage(label: "data"), TestStage(label: "a", options: ["n": 1], inputs: ["data": 0])]
    for number in 2...6 {
      stages.append(TestStage(label: "b\(number)", options: ["n": number], inputs: ["data": 0, "model": 1]))
    }
    stages.append(TestStage(label: "last", options: ["n": 9], inputs: ["model": 1]))
    try cache.run(stages)
    let data = try cache.inspector.artifact("data").execution
    let near = try cache.inspector.lineage(of: data, .down, depth: 1)
    // From data to six, from a to the five that are there too; the last one is two steps away.
    #expect(near.nodes.count == 7 && near.edges.count == 11 && near.isCut)
    let whole = try cache.inspector.lineage(of: data, .down)
    #expect(whole.nodes.count == 8 && whole.edges.count == 12 && !whole.isCut)
  }
}
