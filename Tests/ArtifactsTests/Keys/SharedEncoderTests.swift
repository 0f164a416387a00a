import Artifacts
import Testing

/// An encoder keeps the names, the order and the rules of what it has met: none of it may leak into another value.
@Suite("One encoder for many values writes what a fresh one would")
struct SharedEncoderTests {
  /// Fields of any names in any order, nested at will.
  private struct Keyed: Encodable {
    var fields: [(name: String, value: Node)]

    struct Name: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Name.self)
      for (name, value) in fields { try container.encode(value, forKey: Name(stringValue: name)) }
    }
  }

  private indirect enum Node: Encodable {
    case number(Int)
    case port(Port?)
    case list([Port?])
    case keyed(Keyed)

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .number(let value): try value.encode(to: encoder)
      case .port(let value): try value.encode(to: encoder)
      case .list(let values): try values.encode(to: encoder)
      case .keyed(let value): try value.encode(to: encoder)
      }
    }
  }

  /// Composed and decomposed letters are equal strings of unlike bytes; some names share their first eight bytes.
  private static let names = [
    "a", "b", "é", "e\u{301}", "epochs", "learning-rate", "learning-ratio", "K", "\u{212A}", "",
  ]

  private static func node(_ random: inout Numbers, depth: Int) -> Node {
    switch Int.random(in: 0..<(depth < 3 ? 6 : 4), using: &random) {
    case 0: .port(Bool.random(using: &random) ? Port(Int.random(in: 0..<4, using: &random)) : nil)
    case 1: .list((0..<3).map { $0 == 1 ? nil : Port($0) })
    case 2, 3: .number(Int.random(in: -9...9, using: &random))
    default: .keyed(keyed(&random, depth: depth + 1))
    }
  }

  private static func keyed(_ random: inout Numbers, depth: Int) -> Keyed {
    // Mostly the same fields in the same order, as stages of one type have them; sometimes others.
    var names = Array(Self.names.prefix(Int.random(in: 0...Self.names.count, using: &random)))
    if Int.random(in: 0..<3, using: &random) == 0 { names.shuffle(using: &random) }
    return Keyed(fields: names.map { ($0, node(&random, depth: depth)) })
  }

  @Test(arguments: 0..<4) func random(seed: UInt64) throws {
    var random = Numbers(state: seed &* 77 &+ 1)
    let envelope = try RecipeEnvelope(stage: "test", version: 1)
    let shared = RecipeEncoder(defaultSeed: 0)
    for _ in 0..<200 {
      let value = Self.keyed(&random, depth: 0)
      let (one, other) = (
        try shared.template(of: value, in: envelope),
        try RecipeEncoder(defaultSeed: 0).template(of: value, in: envelope)
      )
      #expect(one == other)
      #expect(one.edges == other.edges && Set(one.distinctEdges) == Set(one.edges))
      // The reader checks nothing but the form: its leaves say that names and values came out as they went in.
      #expect(try one.tree == other.tree)
      let digest = Digest(of: [UInt8(seed)])
      var memory: [UInt8] = [1, 2, 3]
      #expect(one.key(in: &memory) { _ in digest } == one.filled { _ in digest }?.key)
    }
  }

  @Test("Ten thousand names of one type cost no more than their number")
  func manyNames() throws {
    let envelope = try RecipeEnvelope(stage: "test", version: 1)
    let fields = (0..<10_000).map { (name: "field \($0 * 7_919 % 10_000)", value: Node.number($0)) }
    let template = try RecipeEncoder(defaultSeed: 0).template(of: Keyed(fields: fields), in: envelope)
    #expect(try template.tree.leaves.count { $0.path.hasPrefix("options.") } == 10_000)
  }

  @Test("A failed encoding leaves nothing behind")
  func afterFailure() throws {
    let envelope = try RecipeEnvelope(stage: "test", version: 1)
    let shared = RecipeEncoder(defaultSeed: 0)
    let twice = Keyed(fields: [("a", .port(Port(1))), ("b", .number(1)), ("a", .number(2))])
    #expect(throws: RetortError.self) { try shared.template(of: twice, in: envelope) }
    #expect(throws: RetortError.self) { try shared.template(of: ["x": Double.nan], in: envelope) }
    let good = Keyed(fields: [("b", .number(1)), ("a", .port(Port(2)))])
    #expect(
      try shared.template(of: good, in: envelope) == RecipeEncoder(defaultSeed: 0).template(of: good, in: envelope))
  }

  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }
}
