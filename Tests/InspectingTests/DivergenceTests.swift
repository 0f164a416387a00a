import Artifacts
import Storing
import Testing

@testable import Inspecting

@Suite struct DivergenceTests {
  let graph: GraphCache

  init() throws { graph = try GraphCache() }

  /// data → teacher → student ← data; student → int8 → evaluation.
  static func pipeline(rate: Int = 2, seed: Int = 0) -> [TestStage] {
    [
      TestStage(label: "data", stage: "data.import", options: ["rows": 10]),
      TestStage(label: "teacher", options: ["rate": rate, "seed": seed], inputs: ["on": 0]),
      TestStage(
        label: "student", options: ["temperature": 4, "seed": seed], inputs: ["data": 0, "teacher": 1],
        metrics: ["accuracy": 0.9 + Double(rate) / 100]),
      TestStage(label: "int8", stage: "quantize", inputs: ["model": 2]),
      TestStage(
        label: "int8/scores", stage: "evaluate.model", inputs: ["model": 3], metrics: ["accuracy": 0.8 + Double(seed)]),
    ]
  }

  private func flat(_ difference: Divergence) -> Set<String> {
    Set(difference.causes.flatMap { cause in cause.stages.map { "\($0.label ?? "?"): \(cause.change)" } })
  }

  @Test func onlyTheOptionAtTheRootIsACause() throws {
    try graph.run(Self.pipeline(rate: 2))
    try graph.run(Self.pipeline(rate: 3))
    let difference = try graph.inspector.difference(from: "int8@1", to: "int8@2")
    #expect(flat(difference) == ["teacher: option numbers[\"rate\"]: 2 → 3"])
    #expect(!difference.isSame)
    // The student has figures of its own, int8 those of its evaluation, which does not differ here.
    #expect(difference.figures.isEmpty)
    let student = try graph.inspector.difference(from: "student@1", to: "student@2")
    #expect(student.figures == [.init(name: "accuracy", old: 0.92, new: 0.93)])
    #expect(flat(student) == flat(difference))
  }

  @Test func aSeedOfManyStagesIsOneCause() throws {
    try graph.run(Self.pipeline(seed: 0))
    try graph.run(Self.pipeline(seed: 1))
    let difference = try graph.inspector.difference(from: "int8@1", to: "int8@2")
    #expect(difference.causes.count == 1)
    #expect(difference.causes.first?.stages.map(\.label) == ["student", "teacher"])
    #expect(difference.figures == [.init(name: "evaluated accuracy", old: 0.8, new: 1.8)])
  }

  @Test func runsAreComparedLabelByLabel() throws {
    try graph.run(Self.pipeline(rate: 2), options: ["rate": "2", "size": "s"])
    var other = Self.pipeline(rate: 3)
    other[0].version = 2
    other.append(TestStage(label: "card", inputs: ["of": 3]))
    try graph.run(other, options: ["rate": "3", "size": "s"])
    let difference = try graph.inspector.difference(from: "1", to: "2")
    #expect(
      flat(difference) == ["teacher: option numbers[\"rate\"]: 2 → 3", "data: stage version: 1 → 2"])
    #expect(difference.differing == ["data", "teacher", "student", "int8", "int8/scores"])
    #expect(difference.onlyNew == ["card"] && difference.onlyOld.isEmpty)
    #expect(difference.options.map(\.name) == ["rate"])
    #expect(difference.figures == [.init(name: "student accuracy", old: 0.92, new: 0.93)])
  }

  @Test func equalThingsHaveNoCauses() throws {
    try graph.run(Self.pipeline())
    try graph.run(Self.pipeline())
    let runs = try graph.inspector.difference(from: "1", to: "2")
    #expect(runs.isSame && runs.causes.isEmpty && runs.figures.isEmpty)
    #expect(try graph.inspector.difference(from: "int8@1", to: "int8").isSame)
  }

  @Test func anotherStageAtAPlaceIsTheCause() throws {
    try graph.run(Self.pipeline())
    var other = Self.pipeline()
    other[1] = TestStage(label: "teacher", stage: "import.checkpoint", options: ["layers": 12])
    try graph.run(other)
    let difference = try graph.inspector.difference(from: "int8@1", to: "int8@2")
    #expect(difference.causes.map(\.kind) == [.stage])
    #expect(flat(difference) == ["teacher: stage stage: \"test.stage\" → \"import.checkpoint\""])
  }

  @Test func equalRecipesWithOtherBytesNameTheProfile() throws {
    try graph.run(Self.pipeline())
    var other = Self.pipeline()
    other[1].noise = 1
    let profile = NumericsProfile(kernels: "avx512", blas: "test 1", build: "debug")
    try graph.run(other, profile: profile, forces: true)
    let difference = try graph.inspector.difference(from: "int8@1", to: "int8@2")
    #expect(difference.causes.map(\.kind) == [.bytes])
    #expect(difference.causes.map(\.change.path) == ["numerics.kernels"])
    try graph.run(Self.pipeline(), profile: profile, forces: true)
    let same = try graph.inspector.difference(from: "teacher@2", to: "teacher@3")
    #expect(same.causes.map(\.change.path) == ["bytes"])
  }

  @Test func elementsOfArraysAreAligned() throws {
    let models = (0..<4).map { TestStage(label: "m\($0)", options: ["size": $0]) }
    try graph.run(models + [TestStage(label: "best", models: [0, 1, 2])])
    try graph.run(models + [TestStage(label: "best", models: [3, 0, 1, 2])])
    try graph.run(models + [TestStage(label: "best", models: [2, 1, 0])])
    let added = try graph.inspector.difference(from: "best@1", to: "best@2")
    #expect(added.causes.count == 1)
    #expect(added.causes.first?.change.old == nil && added.causes.first?.change.path == "options.models[0]")
    let turned = try graph.inspector.difference(from: "best@1", to: "best@3")
    #expect(turned.causes.map(\.change.path) == ["options.models (order)"])
  }

  @Test(arguments: ["1 student", "student 1", "nobody student", "student@9 student", "nobody@1 student"])
  func namesThatDoNotFitAreRefused(names: String) throws {
    try graph.run(Self.pipeline())
    let pair = names.split(separator: " ").map(String.init)
    #expect {
      try graph.inspector.difference(from: pair[0], to: pair[1])
    } throws: { error in
      guard let error = error as? RetortError else { return false }
      return error.code.rawValue.hasPrefix("name.") && !error.remedy.isEmpty
    }
  }

  /// Random pipelines with random edits, against a walk over the pipelines' own data.
  @Test(arguments: 0..<30)
  func randomEdits(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    var stages: [TestStage] = []
    for position in 0..<14 {
      var stage = TestStage(label: "s\(position)", stage: "test.\(position % 3)")
      for name in ["a", "b"] { stage.options[name] = Int.random(in: 0..<3, using: &random) }
      stage.options["own"] = position
      for name in ["x", "y"] where position > 0 && Bool.random(using: &random) {
        stage.inputs[name] = Int.random(in: 0..<position, using: &random)
      }
      stage.isConstant = Int.random(in: 0..<6, using: &random) == 0
      stages.append(stage)
    }
    var edited = stages
    for _ in 0..<4 {
      let position = Int.random(in: edited.indices, using: &random)
      edited[position].options[["a", "b"][Int.random(in: 0..<2, using: &random)]] = Int.random(
        in: 0..<3, using: &random)
      if Int.random(in: 0..<4, using: &random) == 0 { edited[position].version += 1 }
    }
    try graph.run(stages)
    try graph.run(edited)
    let (before, after) = (TestStage.values(stages), TestStage.values(edited))
    for target in stages.indices {
      var expected: Set<String> = []
      func walk(_ position: Int) {
        let (old, new) = (stages[position], edited[position])
        for (name, value) in new.options where old.options[name] != value {
          expected.insert("s\(position): option numbers[\"\(name)\"]: \(old.options[name] ?? -1) → \(value)")
        }
        if old.version != new.version {
          expected.insert("s\(position): stage version: \(old.version) → \(new.version)")
        }
        for input in new.inputs.values where before[input] != after[input] { walk(input) }
      }
      walk(target)
      let difference = try graph.inspector.difference(from: "s\(target)@1", to: "s\(target)@2")
      #expect(flat(difference) == expected, "seed \(seed), stage \(target)")
      #expect(difference.isSame == (before[target] == after[target]))
    }
  }
}
