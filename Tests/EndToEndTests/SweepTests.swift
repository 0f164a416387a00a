import Foundation
import Testing

@Suite("A sweep computes what is shared once, and what is touched again", .serialized)
struct SweepTests {
  static let base = [
    "--size", "tiny", "--json", "--progress", "none", "--sparsity", "0", "--temperature", "2", "--temperature", "4",
  ]
  static let methods = ["--method", "dynamic", "--method", "min-max"]
  /// What follows where another model is chosen than before.
  static let afterBest: Set = ["best/evaluation", "best/speed", "Compare"]

  /// Runs to success.
  private func succeed(_ program: BuiltProgram, _ arguments: [String]) throws -> Digests {
    let result = try program.run(arguments)
    #expect(result.status == 0, "\(result.errors)\n\(result.output.suffix(2000))")
    return try Digests(result)
  }

  /// Exactly `expected` ran, and beyond it only what another choice brings.
  private func expect(_ run: Digests, ran expected: Set<String>, after before: Digests) {
    let executed = Set(run.executed)
    #expect(executed.subtracting(Self.afterBest) == expected.subtracting(Self.afterBest))
    #expect(executed.count == run.executed.count)
    if run.byLabel["best"] == before.byLabel["best"] { #expect(executed == expected) }
    #expect(run.byLabel["best"] != nil)
  }

  @Test func onlyWhatAnOptionTouchesRunsAgain() throws {
    let folder = try TemporaryFolder("sweep")
    let program = BuiltProgram("sweep", in: folder.url)
    let first = try succeed(program, Self.base + Self.methods)
    for label in [
      "teacher", "student-2.0", "int8-4.0-min-max", "best", "best/Evaluate-6", "best/Benchmark-6", "Compare",
    ] {
      #expect(first.executed.contains(label), "\(label) is not in \(first.executed)")
    }
    // What is chosen has the bytes of a candidate: nothing is copied.
    let candidates =
      ["student-2.0", "student-4.0"] + ["2.0", "4.0"].flatMap { ["int8-\($0)-dynamic", "int8-\($0)-min-max"] }
    #expect(candidates.contains { first.byLabel[$0] == first.byLabel["best"] })

    let second = try program.run(Self.base + Self.methods)
    #expect(try Summary(second).stages.ran == 0)
    #expect(try Digests(second).executed.isEmpty)

    // A further method: its models, their figures, the choice.
    let wider = try succeed(program, Self.base + Self.methods + ["--method", "percentile"])
    expect(
      wider,
      ran: [
        "int8-2.0-percentile", "int8-4.0-percentile", "best", "best/Evaluate-5", "best/Benchmark-5", "best/Evaluate-8",
        "best/Benchmark-8",
      ], after: first)

    // Another limit: the choice alone.
    let tighter = try succeed(program, Self.base + Self.methods + ["--below-bytes", "399999"])
    expect(tighter, ran: ["best"], after: first)

    // Another temperature: its student, what is made of it, and the comparison that it stands in.
    let arguments = Self.base.dropLast() + ["8"] + Self.methods
    let warmer = try succeed(program, Array(arguments))
    expect(
      warmer,
      ran: [
        "student-8.0", "int8-8.0-dynamic", "int8-8.0-min-max", "best", "best/Evaluate-2", "best/Benchmark-2",
        "best/Evaluate-5", "best/Benchmark-5", "best/Evaluate-6", "best/Benchmark-6", "student-8.0/evaluation",
        "student-8.0/speed", "Compare",
      ], after: first)
  }

  /// A sparsity more: what is pruned so, what is made of it, the choice among more candidates, and the comparison.
  @Test func aFurtherSparsityPrunesAndNothingElse() throws {
    let folder = try TemporaryFolder("sparsity")
    let program = BuiltProgram("sweep", in: folder.url)
    let base = ["--size", "tiny", "--json", "--progress", "none", "--temperature", "2", "--method", "dynamic"]
    _ = try succeed(program, base + ["--sparsity", "0"])
    let wider = try succeed(program, base + ["--sparsity", "0", "--sparsity", "0.5"])
    // Figures of candidates that were there keep their keys, whatever their numbers are now.
    let own = Set(wider.executed.filter { !$0.hasPrefix("best/") })
    #expect(
      own == [
        "pruned-2.0-0.5", "int8-2.0-0.5-dynamic", "best", "pruned-2.0-0.5/evaluation", "pruned-2.0-0.5/speed",
        "Compare",
      ])
    #expect(wider.executed.filter { $0.hasPrefix("best/Evaluate") }.count == 2)
    #expect(try Summary(try program.run(base + ["--sparsity", "0", "--sparsity", "0.5"])).stages.ran == 0)
  }

  @Test func aGoalThatNothingReaches() throws {
    let folder = try TemporaryFolder("goal")
    let program = BuiltProgram("sweep", in: folder.url)
    let arguments = [
      "--temperature", "2", "--sparsity", "0", "--method", "dynamic", "--size", "tiny", "--below-bytes", "1000",
    ]
    let result = try program.run(arguments)
    #expect(result.status == 3, "\(result.errors)")
    for part in ["best", "student-2.0: accuracy", "int8-2.0-dynamic: accuracy", "not bytes below 1000"] {
      #expect(result.errors.contains(part), "\(part) in \(result.errors)")
    }
    // The candidates are kept: a limit that one of them meets needs the choice and what follows it.
    let again = try succeed(program, arguments.dropLast() + ["10000000", "--json", "--progress", "none"])
    #expect(Set(again.executed).isSuperset(of: ["best", "Compare"]) && !again.executed.contains("student-2.0"))
  }

  @Test func aVerbosePlanIsReadable() throws {
    let folder = try TemporaryFolder("plan")
    var program = BuiltProgram("sweep", in: folder.url)
    let plain = try program.run(["plan", "--verbose", "--size", "tiny"])
    #expect(plain.status == 0, "\(plain.errors)")
    for line in [
      "      method.dynamic.grid = \"symmetric\"", "      method.calibrated.by.observer = minMax",
      "      method.calibrated.by.observer.percentile = 99.99", "      training.epochs = 2",
      "      constraints[0].figure = \"bytes\"",
      "      · int8 weights: max|w| / 127 an output row, integers in ±127, half to even (ONNX Runtime's signed grid)",
      "      · soft targets: KL(teacher ‖ student) at T = 4.0, batchMean, × T² (Hinton et al. 2015), weight 0.7",
    ] { #expect(plain.lines.contains(line), "\(line)") }
    #expect(!plain.output.contains("\u{1B}") && !plain.output.contains("_0"))
    program.environment["COLUMNS"] = "80"
    let narrow = try program.run(["plan", "--verbose", "--size", "tiny"])
    #expect(narrow.lines.allSatisfy { $0.count <= 80 }, "\(narrow.lines.filter { $0.count > 80 })")
    let json = try program.run(["plan", "--verbose", "--json", "--size", "tiny"])
    for line in json.lines.dropLast() {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let conventions = try #require(object["conventions"] as? [String])
      if object["stage"] as? String == "tune.classifier" { #expect(conventions.count > 3) }
    }
    #expect(try !program.run(["plan", "--json", "--size", "tiny"]).output.contains("conventions"))
  }
}
