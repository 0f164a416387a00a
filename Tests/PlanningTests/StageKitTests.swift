import Artifacts
import Declaring
import RetortTesting
import Testing

@Suite("The kit for tests of stages")
struct StageKitTests {
  let services = FakeServices(defaultSeed: 4)

  @Test("A stage runs with inputs, bundles, seeds and sub-stages")
  func runs() async throws {
    let three = try services.input(Number(3))
    #expect(try await services.result(of: Scale(three, by: 5)) == Number(15))
    let halves = try services.input(Halves(quotient: Number(4), remainder: Number(1)))
    #expect(try await services.result(of: Sum([halves.quotient, halves.remainder, three])) == Number(8))
    #expect(try await services.result(of: Spell(three, letter: "y")) == Text("yyyy"), "3 and 4 mod 3")
    #expect(try await services.result(of: Search(three, trials: 4)) == Number(48))
    #expect(services.journal.substages == Array(repeating: "test.scale", count: 4))
    #expect(services.forecast(of: Divide(three, by: 2)).port("quotient").examples == 1)
    #expect(services.faults(of: Scale(three, by: 0)).map { $0.place.field } == ["factor"])
  }

  @Test("What the engine refuses, the kit refuses")
  func refusals() async throws {
    let three = try services.input(Number(3))
    await #expect { try await services.result(of: Smuggler(three)) } throws: { error in
      (error as? RetortError)?.code == "stage.undeclared-input"
    }
    await #expect { try await services.result(of: Climber()) } throws: { error in
      (error as? RetortError)?.code == "plan.substage-unlisted"
    }
  }

  @Test("A key that misses a property is found")
  func coverage() throws {
    let (one, two) = (try services.input(Number(1)), try services.input(Number(2)))
    try expectKeyCoversEveryProperty(
      of: Scale(one, by: 2),
      changing: ["number": { $0.number = two }, "factor": { $0.factor = 3 }, "modulus": { $0.modulus = 5 }])
    try expectKeyCoversEveryProperty(
      of: Delivers(destination: "a"), changing: ["destination": { $0.destination = "b" }], unkeyed: ["destination"])

    func problems<S: Stage>(
      _ stage: S, _ changes: [String: (inout S) -> Void], unkeyed: Set<String> = []
    ) throws -> [String] {
      do {
        try expectKeyCoversEveryProperty(of: stage, changing: changes, unkeyed: unkeyed)
        return []
      } catch let failure as KeyCoverageFailure { return failure.problems }
    }
    #expect(
      try problems(Hider(), ["shown": { $0.shown = 2 }, "hidden": { $0.hidden = 2 }]) == [
        "The key does not see a change of “hidden” of Hider: it is that of the unchanged stage."
      ])
    #expect(
      try problems(Hider(), ["shown": { $0.shown = 2 }]) == [
        "No change is given for the stored property “hidden” of Hider."
      ])
    #expect(
      try problems(Hider(), ["shown": { $0.hidden = 2 }, "hidden": { _ in }, "x": { _ in }]) == [
        "The change for “hidden” changes nothing.", "The change for “shown” changes hidden.",
        "Hider has no stored property “x”.",
      ])
    #expect(
      try problems(Hider(), ["shown": { $0.shown = 2 }, "hidden": { $0.hidden = 2 }], unkeyed: ["shown", "hidden"]) == [
        "The key counts “shown” of Hider, which it should not."
      ])
  }
}

/// Loads what its key does not cover.
private struct Smuggler: Stage {
  static let id = "test.smuggler"
  static let version = 1
  let contraband: Contraband

  struct Contraband: Codable {
    var ref: Ref<Number>
    init(_ ref: Ref<Number>) { self.ref = ref }
    init(from decoder: any Decoder) throws { ref = try Ref(from: decoder) }
    func encode(to encoder: any Encoder) throws { try "nothing to declare".encode(to: encoder) }
  }

  init(_ ref: Ref<Number>) { contraband = Contraband(ref) }
  func run(_ context: StageContext) async throws -> Number { try context.load(contraband.ref) }
}

/// Runs what it does not list.
private struct Climber: Stage {
  static let id = "test.climber"
  static let version = 1
  func run(_ context: StageContext) async throws -> Number { try await context.run(Constant(1)) }
}

/// Hides a property from its key.
private struct Hider: Stage {
  static let id = "test.hider"
  static let version = 1
  var shown = 1
  var hidden = 1
  enum CodingKeys: CodingKey { case shown }
  func run(_ context: StageContext) async throws -> Number { Number(hidden) }
}

private struct Delivers: Stage {
  static let id = "test.delivers"
  static let version = 1
  var destination: Destination
  func run(_ context: StageContext) async throws -> Number { Number(0) }
}
