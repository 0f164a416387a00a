import Declaring
import RetortTesting
import Testing

@testable import Executing

/// What a worker makes of a stage's name and properties.
struct StageTypesTests {
  @Test func typesOfOneIdAreToldApart() throws {
    let types = StageTypes([Boxed<Int>.self, Boxed<String>.self])
    #expect(Boxed<Int>.id == Boxed<String>.id)
    let options = try WorkerHost.encode(Boxed(value: "7"))
    let stage = try types.stage(StageTypes.name(of: Boxed<String>.self), options: options)
    #expect((stage as? Boxed<String>)?.value == "7")
    #expect(throws: RetortError.self) { try types.stage(StageTypes.name(of: Boxed<Int>.self), options: options) }
    #expect(throws: RetortError.self) { try types.stage(StageTypes.name(of: Boxed<Double>.self), options: options) }
  }

  @Test func stagesInsideOthersAreKnown() throws {
    let options = try WorkerHost.encode(Nap())
    #expect(try StageTypes([RunsNap.self]).stage(StageTypes.name(of: Nap.self), options: options) is Nap)
  }
}

struct Boxed<Value: Codable & Sendable>: Stage {
  static var id: String { "test.boxed" }
  static var version: Int { 1 }
  var value: Value

  func run(_ context: StageContext) async throws -> Number { Number(1) }
}
