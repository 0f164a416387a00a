import Artifacts
import Declaring
import Planning
import RetortTesting
import Testing

@Suite("Pipelines with several faults")
struct SeveralFaultsTests {
  @Test("have all of them reported at once", arguments: all)
  func several(_ wrong: WrongPipeline) throws { try wrong.check() }

  @Test("are reported in the order of declaration, those of the command line first")
  func order() throws {
    var options = PlanOptions()
    options.only = ["nobody"]
    let wrong = pipeline {
      let a = stage("a", Constant(1))
      let b = stage("b", Scale(a, by: 0))
      let c = stage("c", Scale(b, by: 2, modulo: 0))
      stage("a", Sum([c]))
    }
    #expect {
      try Planner(store: MemoryStore(), options: options).plan(wrong)
    } throws: { error in
      (error as? PlanFaults)?.faults.map { $0.place.stage } == ["nobody", "b", "c", "a"]
    }
  }

  private static func one(_ code: String, _ label: String?, _ field: String?) -> WrongPipeline.Expected {
    WrongPipeline.Expected(code: code, label: label, field: field)
  }

  static let all: [WrongPipeline] = [
    WrongPipeline(
      "two bad options of one stage", [one("plan.option", "b", "factor"), one("plan.option", "b", "modulus")]
    ) { _, _ in pipeline { stage("b", Scale(stage("a", Constant(1)), by: 0, modulo: 0)) } },
    WrongPipeline(
      "bad options of several stages",
      [one("plan.option", "b", "factor"), one("plan.option", "c", "divisor"), one("plan.option", "Sum", "terms")]
    ) { _, _ in
      pipeline {
        let a = stage("a", Constant(1))
        stage("b", Scale(a, by: 0))
        stage("c", Divide(a, by: -1))
        Sum([])
      }
    },
    WrongPipeline(
      "a label and a file", [one("plan.label-duplicate", "a", "label"), one("file.missing", "r", "file")]
    ) { folder, _ in
      pipeline {
        stage("a", Constant(1))
        stage("a", Scale(stage("r", ReadNumber(SourceFile(folder.path.appending("x")))), by: 2))
      }
    },
    WrongPipeline(
      "one missing file of two stages", [one("file.missing", "r", "file"), one("file.missing", "s", "file")]
    ) { folder, _ in
      let file = SourceFile(folder.path.appending("x"))
      return pipeline {
        stage("r", ReadNumber(file))
        stage("s", ReadNumber(file))
      }
    },
    WrongPipeline(
      "an option without a key, and one that is wrong above it",
      [one("key.not-a-number", "With", "options"), one("plan.option", "b", "factor")]
    ) { _, _ in
      struct Both: Codable {
        var options = Double.nan
        var number: Ref<Number>
      }
      return pipeline { With(Both(number: stage("b", Scale(stage("a", Constant(1)), by: 0)))) }
    },
    WrongPipeline(
      "types, twice", [one("plan.id-empty", "n", "id"), one("plan.version", "u", "version")]
    ) { _, _ in
      pipeline {
        stage("n", Nameless())
        stage("u", Unversioned())
        stage("v", Unversioned())
      }
    },
    WrongPipeline(
      "references and resources",
      [
        one("plan.port-unknown", "b", "terms[1]"), one("plan.reference-outside", "b", "terms[0]"),
        one("plan.resources", "d", "cores"), one("plan.resources", "d", "memory"),
      ]
    ) { _, _ in
      let outside = stage("out", Constant(1))
      return pipeline {
        let halves = stage("a", Divide(stage("c", Constant(7)), by: 2))
        stage("b", Sum([outside, halves.forgotten]))
        stage("d", Demanding(cores: -1, memory: -1))
      }
    },
    WrongPipeline(
      "requests of several kinds",
      [one("plan.label-unknown", "x", "--only"), one("plan.label-unknown", "y", "--force")]
    ) { _, options in
      options.only = ["x", "a"]
      options.force = .labels(["y"])
      return pipeline { stage("a", Constant(1)) }
    },
    WrongPipeline(
      "a request, an option and a root",
      [
        one("plan.label-unknown", "x", "--until"), one("plan.option", "b", "factor"),
        one("plan.reference-outside", nil, "body"),
      ]
    ) { _, options in
      options.until = ["x"]
      let outside = stage("out", Constant(1))
      return pipeline {
        stage("b", Scale(stage("a", Constant(1)), by: 0))
        outside
      }
    },
    WrongPipeline(
      "facts, in two branches", [one("plan.option", "b", "number"), one("plan.option", "d", "number")]
    ) { _, _ in
      pipeline {
        stage("b", TakesEven(stage("a", Constant(3))))
        stage("d", TakesEven(stage("c", Constant(5))))
      }
    },
    WrongPipeline(
      "inputs that are not cached, each of them",
      [one("plan.input-not-cached", "c", "terms[0]"), one("plan.input-not-cached", "c", "terms[2]")]
    ) { _, options in
      options.only = ["c"]
      return pipeline {
        let (a, b) = (stage("a", Constant(1)), stage("b", Constant(2)))
        stage("c", Sum([a, a, b]))
      }
    },
    WrongPipeline(
      "ten stages, ten faults", (0..<10).map { one("plan.option", "s\($0)", "factor") }
    ) { _, _ in
      pipeline {
        let a = stage("a", Constant(1))
        for index in 0..<10 { stage("s\(index)", Scale(a, by: 0)) }
      }
    },
  ]
}
