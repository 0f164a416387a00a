import Artifacts
import Declaring
import Planning
import RetortTesting
import Testing

@Suite("Pipelines with one fault")
struct SingleFaultTests {
  @Test("is reported with its code, label and field", arguments: labels + options + sources + types + encodings)
  func declared(_ wrong: WrongPipeline) throws { try wrong.check() }

  @Test("is reported with its code, label and field", arguments: references + requests + resources + facts)
  func referred(_ wrong: WrongPipeline) throws { try wrong.check() }

  static let labels: [WrongPipeline] = [
    WrongPipeline("two stages of one label", "plan.label-duplicate", "a", "label") { _, _ in
      pipeline {
        stage("a", Constant(1))
        stage("a", Constant(2))
      }
    },
    WrongPipeline("an empty label", "plan.label-empty", "", "label") { _, _ in pipeline { stage("", Constant(1)) } },
    WrongPipeline("a blank label", "plan.label-empty", " \t", "label") { _, _ in pipeline { stage(" \t", Constant(1)) }
    },
    WrongPipeline("nothing at all", "plan.empty", nil, "body") { _, _ in pipeline {} },
    WrongPipeline("stages, but none asked for", "plan.empty", nil, "body") { _, _ in
      pipeline { let _ = stage("a", Constant(1)) }
    },
  ]

  static let options: [WrongPipeline] = [
    WrongPipeline("a factor of 0", "plan.option", "b", "factor") { _, _ in
      pipeline { stage("b", Scale(stage("a", Constant(1)), by: 0)) }
    },
    WrongPipeline("a negative modulus", "plan.option", "b", "modulus") { _, _ in
      pipeline { stage("b", Scale(stage("a", Constant(1)), by: 2, modulo: -1)) }
    },
    WrongPipeline("a sum of nothing", "plan.option", "Sum", "terms") { _, _ in pipeline { Sum([]) } },
    WrongPipeline("a division by 0", "plan.option", "b", "divisor") { _, _ in
      pipeline { stage("b", Divide(stage("a", Constant(1)), by: 0)) }
    },
    WrongPipeline("a bad option deep in the graph", "plan.option", "b", "factor") { _, _ in
      pipeline {
        let scaled = stage("b", Scale(stage("a", Constant(1)), by: 0))
        Sum([stage("c", Sum([scaled, scaled])), scaled])
      }
    },
  ]

  static let sources: [WrongPipeline] = [
    WrongPipeline("a missing file", "file.missing", "read", "file") { folder, _ in
      pipeline { stage("read", ReadNumber(SourceFile(folder.path.appending("none")))) }
    },
    WrongPipeline("a file in a missing folder", "file.missing", "read", "file") { folder, _ in
      pipeline { stage("read", ReadNumber(SourceFile(folder.path.appending("none/none")))) }
    },
    WrongPipeline("a folder where a file is named", "file.is-folder", "read", "file") { folder, _ in
      pipeline { stage("read", ReadNumber(SourceFile(folder.path))) }
    },
    WrongPipeline("a missing folder", "file.missing", "With", "options") { folder, _ in
      pipeline { With(SourceFolder(folder.path.appending("none"), members: [.init("a")])) }
    },
    WrongPipeline("a folder that lacks a member", "file.missing", "With", "options") { folder, _ in
      _ = try folder.file("b", "")
      return pipeline { With(SourceFolder(folder.path, members: [.init("b"), .init("a")])) }
    },
    WrongPipeline("a file where a folder is named", "file.not-folder", "With", "options") { folder, _ in
      let file = try folder.file("b", "")
      return pipeline { With(SourceFolder(file, members: [.init("a", isOptional: true)])) }
    },
    WrongPipeline("a member outside its folder", "source.member", "With", "options") { folder, _ in
      pipeline { With(SourceFolder(folder.path, members: [.init("../a")])) }
    },
    WrongPipeline("a missing file in a list", "file.missing", "With", "options[1]") { folder, _ in
      let file = try folder.file("b", "")
      return pipeline { With([SourceFile(file), SourceFile(folder.path.appending("none"))]) }
    },
  ]

  static let types: [WrongPipeline] = [
    WrongPipeline("an empty id", "plan.id-empty", "a", "id") { _, _ in pipeline { stage("a", Nameless()) } },
    WrongPipeline("a version of 0", "plan.version", "a", "version") { _, _ in pipeline { stage("a", Unversioned()) } },
    WrongPipeline("two types of one id", "plan.id-clash", "b", "id") { _, _ in
      pipeline {
        stage("a", Impostor())
        stage("b", Constant(1))
      }
    },
    WrongPipeline("a used type of another's id", "plan.id-clash", "a", "id") { _, _ in
      pipeline { stage("a", UsesImpostor()) }
    },
    WrongPipeline("a used type of version 0", "plan.version", "a", "version") { _, _ in
      pipeline { stage("a", UsesUnversioned()) }
    },
    WrongPipeline("a bundle with two ports of one name", "plan.port-duplicate", "a", "one") { _, _ in
      pipeline { stage("a", Stutters()) }
    },
  ]

  static let encodings: [WrongPipeline] = [
    WrongPipeline("an option that is NaN", "key.not-a-number", "With", "options") { _, _ in
      pipeline { With(Double.nan) }
    },
    WrongPipeline("a NaN deep inside", "key.not-a-number", "With", "rate") { _, _ in
      struct Inner: Codable { var rate = -Float.nan }
      return pipeline { With([Inner?.some(Inner())]) }
    },
    WrongPipeline("an option that encodes nothing", "key.nothing-written", "With", "options") { _, _ in
      pipeline { With(Silent()) }
    },
    WrongPipeline("an option that refuses", "plan.encode", "With", "shyness") { _, _ in pipeline { With(Shy()) } },
    WrongPipeline("two values in one place", "key.written-twice", "With", "options") { _, _ in
      pipeline { With(Double2()) }
    },
    WrongPipeline("two fields of one name", "key.duplicate-field", "With", "twin") { _, _ in pipeline { With(Twins()) }
    },
    WrongPipeline("a path as an option", "key.path", "With", "options") { _, _ in pipeline { With(FilePath("/x")) } },
    WrongPipeline("an input in a set", "key.input-in-set", "With", "options") { _, _ in
      pipeline { With(Set([stage("a", Constant(1))])) }
    },
    WrongPipeline("an input as a dictionary's key", "key.input-in-set", "With", "options") { _, _ in
      pipeline { With([stage("a", Constant(1)): 1]) }
    },
    WrongPipeline("options nested without end", "key.too-deep", "With", "_0") { _, _ in
      pipeline { With(Chain.long(500)) }
    },
  ]

  static let references: [WrongPipeline] = [
    WrongPipeline("a property that is no port", "plan.port-unknown", "b", "terms[0]") { _, _ in
      pipeline {
        let halves = stage("a", Divide(stage("c", Constant(7)), by: 2))
        stage("b", Sum([halves.forgotten]))
      }
    },
    WrongPipeline("a property that is no port, as a root", "plan.port-unknown", "a", "body") { _, _ in
      pipeline { stage("a", Divide(stage("c", Constant(7)), by: 2)).forgotten }
    },
    WrongPipeline("a port of a stage that has none", "plan.port-unknown", "b", "terms[0]") { _, _ in
      pipeline {
        let edge = stage("a", Constant(1)).edge
        stage("b", Sum([Ref(edge: Edge(node: edge.node, port: "train", arena: edge.arena))]))
      }
    },
    WrongPipeline("a stage declared outside", "plan.reference-outside", "b", "number") { _, _ in
      let outside = stage("a", Constant(1))
      return pipeline { stage("b", Scale(outside, by: 2)) }
    },
    WrongPipeline("a root declared outside", "plan.reference-outside", nil, "body") { _, _ in
      let outside = stage("a", Constant(1))
      return pipeline { outside }
    },
    WrongPipeline("a stage of another pipeline", "plan.reference-foreign", "b", "number") { _, _ in
      let (_, foreign) = foreign()
      return pipeline { stage("b", Scale(foreign, by: 2)) }
    },
    WrongPipeline("a root of another pipeline", "plan.reference-foreign", nil, "body") { _, _ in
      let (_, foreign) = foreign()
      return pipeline {
        stage("b", Constant(1))
        foreign
      }
    },
    WrongPipeline("a number that no stage has", "plan.reference-range", "b", "number") { _, _ in
      pipeline {
        let edge = stage("a", Constant(1)).edge
        stage("b", Scale(Ref(edge: Edge(node: 99, arena: edge.arena)), by: 2))
      }
    },
    WrongPipeline("a stage that takes its own output", "plan.cycle", "b", "number") { _, _ in
      pipeline {
        let edge = stage("a", Constant(1)).edge
        stage("b", Scale(Ref(edge: Edge(node: edge.node + 1, arena: edge.arena)), by: 2))
      }
    },
    WrongPipeline("a stage that takes a later one's output", "plan.cycle", "b", "number") { _, _ in
      pipeline {
        let edge = stage("a", Constant(1)).edge
        let early = stage("b", Scale(Ref(edge: Edge(node: edge.node + 2, arena: edge.arena)), by: 2))
        stage("c", Scale(early, by: 2))
      }
    },
  ]

  static let requests: [WrongPipeline] = [
    WrongPipeline("--only of a label that is not there", "plan.label-unknown", "studnet", "--only") { _, options in
      options.only = ["studnet"]
      return pipeline { stage("student", Constant(1)) }
    },
    WrongPipeline("--until of a label that is not there", "plan.label-unknown", "x", "--until") { _, options in
      options.until = ["x"]
      return pipeline { stage("student", Constant(1)) }
    },
    WrongPipeline("--from of a label that is not there", "plan.label-unknown", "x", "--from") { _, options in
      options.from = ["student", "x"]
      return pipeline { stage("student", Constant(1)) }
    },
    WrongPipeline("--force of a label that is not there", "plan.label-unknown", "x", "--force") { _, options in
      options.force = .labels(["x"])
      return pipeline { stage("student", Constant(1)) }
    },
    WrongPipeline("--only of a stage that nothing needs", "plan.label-unreached", "b", "--only") { _, options in
      options.only = ["b"]
      return pipeline {
        let _ = stage("b", Constant(2))
        stage("a", Constant(1))
      }
    },
    WrongPipeline("--only with an input that is not cached", "plan.input-not-cached", "b", "number") { _, options in
      options.only = ["b"]
      return pipeline { stage("b", Scale(stage("a", Constant(1)), by: 2)) }
    },
    WrongPipeline("--from with another input that is not cached", "plan.input-not-cached", "c", "terms[1]") {
      _, options in
      options.from = ["b"]
      return pipeline {
        let (a, b) = (stage("a", Constant(1)), stage("b", Constant(1)))
        stage("c", Sum([b, a]))
      }
    },
  ]

  static let resources: [WrongPipeline] = [
    WrongPipeline("no cores", "plan.resources", "a", "cores") { _, _ in pipeline { stage("a", Demanding(cores: 0)) } },
    WrongPipeline("less than no memory", "plan.resources", "a", "memory") { _, _ in
      pipeline { stage("a", Demanding(memory: -1)) }
    },
    WrongPipeline("less than one device", "plan.resources", "a", "devices") { _, _ in
      pipeline { stage("a", Demanding(devices: ["gpu": 0])) }
    },
    WrongPipeline("more cores than the run has", "plan.resources", "a", "cores") { _, options in
      options.capacity = PlanOptions.Capacity(cores: 2)
      return pipeline { stage("a", Demanding(cores: 3)) }
    },
    WrongPipeline("more memory than there is", "plan.resources", "a", "memory") { _, options in
      options.capacity = PlanOptions.Capacity(cores: 2, memory: 1 << 30)
      return pipeline { stage("a", Demanding(memory: 1 << 31)) }
    },
    WrongPipeline("a device that the run does not have", "plan.resources", "a", "devices") { _, options in
      options.capacity = PlanOptions.Capacity(cores: 2, devices: ["gpu": 2])
      return pipeline { stage("a", Demanding(devices: ["cpu": 1])) }
    },
    WrongPipeline("more devices than the run has", "plan.resources", "a", "devices") { _, options in
      options.capacity = PlanOptions.Capacity(cores: 2, devices: ["gpu": 2])
      return pipeline { stage("a", Demanding(devices: ["gpu": 3])) }
    },
  ]

  static let facts: [WrongPipeline] = [
    WrongPipeline("a fact of an input", "plan.option", "b", "number") { _, _ in
      pipeline { stage("b", TakesEven(stage("a", Constant(3)))) }
    },
    WrongPipeline("a fact that came through a stage", "plan.option", "c", "number") { _, _ in
      pipeline {
        let divided = stage("b", Divide(stage("a", Constant(14)), by: 4))
        stage("c", TakesEven(divided.quotient))
        stage("d", TakesEven(divided.remainder))
      }
    },
    WrongPipeline("a fault that would be repeated further down", "plan.option", "b", "number") { _, _ in
      pipeline { stage("c", TakesEven(stage("b", TakesEven(stage("a", Constant(3)))))) }
    },
  ]

  private static func foreign() -> (Pipeline, Ref<Number>) {
    var inner = Ref<Number>(edge: Edge(node: -1, arena: 0))
    let other = pipeline {
      inner = stage("foreign", Constant(1))
      return PipelineBuilder.buildFinalResult([inner.edge])
    }
    return (other, inner)
  }
}
