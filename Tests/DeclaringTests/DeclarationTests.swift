import Artifacts
import Declaring
import Foundation
import RetortTesting
import Testing

private func pipeline(@PipelineBuilder _ body: () -> Pipeline) -> Pipeline { Pipeline.declared(by: body) }

@Suite("Declaring a pipeline")
struct DeclarationTests {
  @Test("Stages are kept in the order of declaration, roots in that of the body, each once")
  func order() {
    let declared = pipeline {
      let a = stage("a", Constant(1))
      let b = stage("b", Scale(a, by: 2))
      Sum([a, b])
      b
      a
      b
    }
    #expect(declared.stages.map(\.label) == ["a", "b", nil])
    #expect(declared.roots.map(\.node) == [2, 1, 0])
    #expect(declared.roots.allSatisfy { $0.arena == declared.arena && $0.port.isEmpty })
  }

  @Test("Conditions, loops, arrays and helper functions add their roots")
  func plainSwift() {
    @PipelineBuilder func helper(_ number: Ref<Number>) -> Pipeline {
      Scale(number, by: 7)
      number
    }
    func declared(_ flag: Bool) -> [Int] {
      pipeline {
        let all = (0..<3).map { stage("\($0)", Constant($0)) }
        if flag { all[0] } else { all[1] }
        if flag { all[2] }
        for number in all where flag { Scale(number, by: 2) }
        [Constant(8), Constant(9)]
        all
        helper(all[0])
      }.roots.map(\.node)
    }
    #expect(declared(true) == [0, 2, 3, 4, 5, 6, 7, 1, 8])
    #expect(declared(false) == [1, 3, 4, 0, 2, 5])
  }

  @Test("A part of a bundle is an edge with the port's name; one that is not listed is marked")
  func projections() {
    _ = pipeline {
      let halves = stage("halves", Divide(stage("a", Constant(7)), by: 2))
      #expect(halves.edge.port.isEmpty)
      #expect(halves.quotient.edge == Edge(node: 1, port: "quotient", arena: halves.edge.arena))
      #expect(halves.remainder.edge.port == "remainder")
      #expect(halves.forgotten.edge.port == Ref<Number>.unknownPort)
      return PipelineBuilder.buildFinalResult([halves.edge])
    }
  }

  @Test("References of two pipelines, and those from outside, are told apart")
  func arenas() {
    let one = pipeline { Constant(1) }
    let two = pipeline { Constant(1) }
    #expect(one.arena != two.arena)
    #expect(stage("outside", Constant(1)).edge == Edge(node: -1, arena: 0))
  }

  @Test("Pipelines can be declared on many threads at once")
  func threads() async {
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<20 {
        group.addTask {
          let declared = pipeline { (0..<50).map { stage("\(task)-\($0)", Constant($0)) } }
          return declared.stages.map(\.label) == (0..<50).map { "\(task)-\($0)" } && declared.roots.count == 50
        }
      }
      for await isWhole in group { #expect(isWhole) }
    }
  }

  @Test("A companion is declared once for each owner and options, and labelled for its owner")
  func companions() {
    let declared = pipeline {
      let a = stage("a", Constant(1))
      let halves = stage("h", Divide(a, by: 2))
      let first = companion("double", of: a, Scale(a, by: 2))
      #expect(companion("double", of: a, Scale(a, by: 2)) == first)
      #expect(companion("double", of: a, Scale(a, by: 3)) != first)
      #expect(companion("double", of: halves.quotient, Scale(a, by: 2)) != first)
      return PipelineBuilder.buildFinalResult([first.edge])
    }
    #expect(declared.stages.map(\.label) == ["a", "h", "a/double", "a/double-2", "h.quotient/double"])
  }

  @Test("Options, references and seeds survive a worker's encoding")
  func coding() throws {
    func survives<S: Stage>(_ stage: S) throws -> Bool {
      let copy = try JSONDecoder().decode(S.self, from: JSONEncoder().encode(stage))
      return try template(copy) == template(stage)
    }
    func template<S: Stage>(_ stage: S) throws -> RecipeTemplate {
      try RecipeTemplate(stage: S.id, version: S.version, options: stage, defaultSeed: 3)
    }
    let number = Ref<Number>(edge: Edge(node: 2, port: "x", arena: 5))
    #expect(try survives(Spell(number, letter: "é", seed: 9)))
    #expect(try survives(Spell(number)))
    #expect(try survives(Sum([number, number])))
    #expect(try survives(ReadNumber("a/b.txt")))
    #expect(try survives(Wide(number, nil, name: "w")))
  }

  @Test("A forecast collects faults and warnings, and knows only what it was told")
  func forecasts() {
    let (known, unknown) = (Edge(node: 0, arena: 1), Edge(node: 1, arena: 1))
    var forecast = Forecast(inputs: [known: Number(4).facts])
    #expect(forecast[Ref<Number>(edge: known)].examples == 4)
    #expect(forecast[Ref<Number>(edge: unknown)] == .unknown)
    forecast.require(true, "a", "Never.", remedy: "")
    forecast.require(false, "b", "Always.", remedy: "Mend it.")
    forecast.warn("c", "Unwise.", remedy: "Think.")
    #expect(forecast.faults.map { $0.place.field } == ["b"])
    #expect(forecast.warnings.map { $0.place.field } == ["c"])
  }
}
