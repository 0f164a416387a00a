import Artifacts
import Declaring
import RetortTesting

/// A stage whose options are whatever a test needs.
struct With<Options: Codable & Sendable>: Stage {
  static var id: String { "odd.with" }
  static var version: Int { 1 }
  var options: Options

  init(_ options: Options) { self.options = options }
  func run(_ context: StageContext) async throws -> Number { Number(0) }
}

/// A stage that asks for resources.
struct Demanding: Stage {
  static let id = "odd.demanding"
  static let version = 1
  var cores = 1
  var memory = 0
  var devices: [String: Int] = [:]

  var resources: Resources { Resources(cores: cores, memory: memory, devices: devices) }
  func run(_ context: StageContext) async throws -> Number { Number(0) }
}

/// Takes even numbers only.
struct TakesEven: Stage {
  static let id = "odd.takes-even"
  static let version = 1
  var number: Ref<Number>

  init(_ number: Ref<Number>) { self.number = number }

  func forecast(_ forecast: inout Forecast) -> Facts {
    if let value = forecast[number].examples, value % 2 != 0 {
      forecast.fault("number", "The number is \(value), and must be even.", remedy: "Give an even one.")
    }
    return forecast[number]
  }

  func run(_ context: StageContext) async throws -> Number { try context.load(number) }
}

struct Nameless: Stage {
  static let id = ""
  static let version = 1
  func run(_ context: StageContext) async throws -> Number { Number(0) }
}

struct Unversioned: Stage {
  static let id = "odd.unversioned"
  static let version = 0
  func run(_ context: StageContext) async throws -> Number { Number(0) }
}

struct Impostor: Stage {
  static let id = Constant.id
  static let version = 1
  func run(_ context: StageContext) async throws -> Number { Number(0) }
}

struct UsesImpostor: Stage {
  static let id = "odd.uses-impostor"
  static let version = 1
  static var uses: [any Stage.Type] { [Constant.self, Impostor.self] }
  func run(_ context: StageContext) async throws -> Number { Number(0) }
}

struct UsesUnversioned: Stage {
  static let id = "odd.uses-unversioned"
  static let version = 1
  static var uses: [any Stage.Type] { [UsesUnversioned.self, Unversioned.self] }
  func run(_ context: StageContext) async throws -> Number { Number(0) }
}

struct Stutter: ArtifactBundle {
  var one: Number
  static var table: [BundlePort<Self>] { [BundlePort("one", \Self.one), BundlePort("one", \Self.one)] }
  init(opening reader: OutputReader) throws { one = try Number(opening: reader.part("one")) }
}

struct Stutters: Stage {
  static let id = "odd.stutters"
  static let version = 1
  func run(_ context: StageContext) async throws -> Stutter {
    throw RetortError("odd.never", "It never runs.")
  }
}

/// Encodes nothing.
struct Silent: Codable {
  init() {}
  init(from decoder: any Decoder) throws {}
  func encode(to encoder: any Encoder) throws {}
}

/// Refuses to be encoded.
struct Shy: Codable {
  var reason = "shy"
  func encode(to encoder: any Encoder) throws {
    throw EncodingError.invalidValue(self, .init(codingPath: [Key.shyness], debugDescription: reason))
  }
  enum Key: CodingKey { case shyness }
}

/// Encodes two values in one place.
struct Double2: Codable {
  init() {}
  init(from decoder: any Decoder) throws {}
  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(1)
    try container.encode(2)
  }
}

/// Encodes two fields of one name.
struct Twins: Codable {
  init() {}
  enum Key: CodingKey { case twin }
  init(from decoder: any Decoder) throws {}
  func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(1, forKey: .twin)
    try fields.encode(2, forKey: .twin)
  }
}

indirect enum Chain: Codable, Sendable {
  case end
  case link(Chain)

  static func long(_ count: Int) -> Chain { (0..<count).reduce(.end) { chain, _ in .link(chain) } }
}
