import ArgumentParser
import Artifacts
import Declaring
import Testing

@testable import Retort

struct Sample: PipelineProgram {
  @ArgumentParser.Option(name: [.short, .long], help: "A file.") var data: String
  @ArgumentParser.Option(parsing: .upToNextOption) var levels = [0.3, 0.5]
  @ArgumentParser.Option var learningRate: Double?
  @ArgumentParser.Flag(inversion: .prefixedNo) var shuffle = true

  var body: Pipeline {}
}

@Suite("The order of arguments")
struct ArgumentOrderTests {
  static let parameters = Result { try Parameter.all(of: Sample.self) }

  func order(_ line: String) throws -> ArgumentOrder {
    try ArgumentOrder(
      line.split(separator: " ").map(String.init), commands: ProgramRoot<Sample>.names,
      parameters: Self.parameters.get())
  }

  @Test func parametersAsDeclared() throws {
    #expect(
      try Self.parameters.get() == [
        Parameter(names: ["-d", "--data"], arity: .value), Parameter(names: ["--levels"], arity: .values),
        Parameter(names: ["--learning-rate"], arity: .value), Parameter(names: ["--shuffle"], arity: .flag),
        Parameter(names: ["--no-shuffle"], arity: .flag),
      ])
  }

  @Test(
    arguments: [
      ("", nil, ""),
      ("plan", "plan", ""),
      ("--data x plan --cache c", "plan", "--data x --cache c"),
      ("--cache c plan --data x", "plan", "--cache c --data x"),
      ("--data plan status", "status", "--data plan"),
      ("-d plan status", "status", "-d plan"),
      ("--data=plan", nil, "--data=plan"),
      ("--levels 0.1 0.2 plan", "plan", "--levels 0.1 0.2"),
      ("--force a b status", "status", "--force a b"),
      ("--no-shuffle why teacher", "why", "--no-shuffle teacher"),
      ("why --data x plan", "why", "--data x plan"),
      ("--force", nil, "--force=*"),
      ("--force --json", nil, "--force=* --json"),
      ("--force plan", "plan", "--force=*"),
      ("--seed -- plan", nil, "--seed -- plan"),
      ("--sed 3", nil, "--sed 3"),
    ] as [(String, String?, String)])
  func commandFirst(line: String, command: String?, rest: String) throws {
    let order = try order(line)
    #expect(order.command == command)
    #expect(order.rest.joined(separator: " ") == rest)
  }

  @Test func typo() {
    #expect { try order("--data x plam") } throws: { error in
      (error as? RetortError)?.code == "usage.command" && (error as? RetortError)?.remedy == "Did you mean “plan”?"
    }
  }

  @Test(arguments: [
    "--data x plan --verbose", "plan --data x --verbose", "--verbose --data x plan", "--verbose plan -d x",
  ])
  func optionsBeforeAndAfter(line: String) throws {
    let command = try ProgramMain<Sample>.parse(line.split(separator: " ").map(String.init))
    let plan = try #require(command as? PlanCommand<Sample>)
    #expect(plan.program.data == "x" && plan.isVerbose)
  }

  @Test func valuesAsText() throws {
    let run = try #require(
      try ProgramMain<Sample>.parse(["--data", "x", "--levels", "1", "2", "--no-shuffle"]) as? RunCommand<Sample>)
    #expect(
      ParameterValues.of(run.program) == ["data": "x", "levels": "1.0 2.0", "learning-rate": "", "shuffle": "false"])
  }
}

@Suite("Options that clash")
struct ReservedNamesTests {
  struct Bare: PipelineProgram {
    var body: Pipeline {}
  }

  /// What swift-argument-parser knows of all commands is what the table says: else a clash would pass.
  @Test func tableIsComplete() throws {
    var known: Set<String> = []
    for command in ProgramRoot<Bare>.commands + [ProgramFront<Bare>.self] {
      for parameter in try Parameter.all(of: command) where parameter.arity != .positional {
        known.formUnion(parameter.names)
        for name in parameter.names where name != "--version" {
          #expect(ReservedNames.options[name] == parameter.arity, "\(name) of \(command)")
        }
      }
    }
    #expect(known.subtracting(["--version"]) == Set(ReservedNames.options.keys))
  }

  @Test(arguments: ["--cache", "--seed", "--json", "--help", "-h", "--version", "--generate-completion-script"])
  func refused(name: String) {
    #expect {
      try ReservedNames.check(
        [Parameter(names: ["--data"], arity: .value), Parameter(names: [name], arity: .value)], of: "p")
    } throws: { error in
      let error = error as? RetortError
      return error?.code == "program.option-clash" && error?.place.field == name
        && ProgramStatus(error ?? RetortError("", "")) == .usage
    }
  }

  @Test func twins() {
    let twin = Parameter(names: ["--data"], arity: .value)
    #expect(throws: RetortError.self) { try ReservedNames.check([twin, twin], of: "p") }
  }

  struct Clashing: PipelineProgram {
    @ArgumentParser.Option var seed = 3
    var body: Pipeline {}
  }

  @Test(arguments: [["plan"], ["run"], [], ["--cache", "c"]])
  func wholeProgram(line: [String]) {
    #expect { try ProgramMain<Clashing>.parse(line) } throws: {
      ($0 as? RetortError)?.code == "program.option-clash"
    }
  }
}

@Suite("Names of parameters")
struct ParameterNameTests {
  @Test(arguments: [
    ("learningRate", "learning-rate"), ("SST2", "sst2"), ("BERTSize", "bert-size"), ("BertSST2", "bert-sst2"),
    ("_data", "data"), ("ProgramProbe", "program-probe"), ("snake_case", "snake-case"), ("MiniLM", "mini-lm"),
  ])
  func kebab(name: String, text: String) { #expect(ParameterName.kebab(name) == text) }
}
