import Artifacts
import Storing
import Testing

@testable import Inspecting

@Suite struct ComparisonTests {
  let graph: GraphCache

  init() throws { graph = try GraphCache() }

  private func run(_ temperature: Int, accuracy: Double, loss: Double, pipeline: String = "sst2") throws {
    try graph.run(
      [
        TestStage(label: "data", metrics: ["examples": 100]),
        TestStage(
          label: "student", options: ["temperature": temperature], inputs: ["on": 0],
          metrics: ["dev accuracy": accuracy, "loss": loss]),
      ], pipeline: pipeline, options: ["temperature": "\(temperature)", "size": "s"])
  }

  @Test func figuresStandByRunWithTheBestMarked() throws {
    try run(4, accuracy: 0.8, loss: 0.5)
    try run(5, accuracy: 0.9, loss: 0.6)
    try run(6, accuracy: 0.9, loss: 0.7)
    let comparison = try graph.inspector.comparison(of: graph.inspector.recentRuns(of: nil, limit: 10))
    #expect(comparison.runs.map(\.id.value) == [1, 2, 3])
    #expect(comparison.options == [.init(name: "temperature", values: ["4", "5", "6"])])
    #expect(comparison.figures.map(\.name) == ["data examples", "student dev accuracy", "student loss"])
    #expect(comparison.figures.map(\.best) == [[], [1, 2], [0]])
    #expect(comparison.figures[1].values == [0.8, 0.9, 0.9])
  }

  @Test func runsOfOnePipelineAreTaken() throws {
    try run(4, accuracy: 0.8, loss: 0.5)
    try run(4, accuracy: 0.8, loss: 0.5, pipeline: "other")
    try run(5, accuracy: 0.8, loss: 0.5)
    #expect(try graph.inspector.recentRuns(of: nil, limit: 10).map(\.id.value) == [1, 3])
    #expect(try graph.inspector.recentRuns(of: "other", limit: 10).map(\.id.value) == [2])
    #expect(try graph.inspector.recentRuns(of: nil, limit: 1).map(\.id.value) == [3])
    #expect { try graph.inspector.recentRuns(of: "sst3", limit: 1) } throws: { "\($0)".contains("“sst2”") }
  }

  @Test(arguments: [
    ("dev accuracy", MetricDirection.higher), ("macro F1", .higher), ("sentences/s", .higher), ("loss", .lower),
    ("bytes", .lower), ("expected calibration error", .lower), ("examples", nil), ("best epoch", nil), ("tokens", nil),
  ])
  func directions(metric: String, direction: MetricDirection?) {
    #expect(MetricDirection(of: metric) == direction)
  }
}
