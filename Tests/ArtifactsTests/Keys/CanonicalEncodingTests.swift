import Artifacts
import Foundation
import Testing

@Suite("The canonical encoding")
struct CanonicalEncodingTests {
  @Test("Each tag writes the bytes that the table says")
  func tags() throws {
    func tag(_ letter: Character) -> [UInt8] { Array(String(letter).utf8) }
    #expect(try bytes(of: Int?.none) == tag("n"))
    #expect(try bytes(of: true) == tag("t"))
    #expect(try bytes(of: false) == tag("f"))
    #expect(try bytes(of: -2) == tag("i") + [254, 255, 255, 255, 255, 255, 255, 255])
    #expect(try bytes(of: UInt64.max - 1) == tag("u") + [254, 255, 255, 255, 255, 255, 255, 255])
    #expect(try bytes(of: 1.0) == tag("d") + [0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    #expect(try bytes(of: Float(1)) == tag("g") + [0, 0, 0x80, 0x3F])
    #expect(try bytes(of: "é") == tag("s") + [2, 0, 0, 0, 0xC3, 0xA9])
    #expect(try bytes(of: Blob(bytes: [7])) == tag("b") + [1, 0, 0, 0, 7])
    #expect(try bytes(of: [true]) == tag("a") + [1, 0, 0, 0] + tag("t"))
    #expect(try bytes(of: Boxed(value: true)) == tag("o") + [1, 0, 0, 0] + Hand.text("value") + tag("t"))
    #expect(try bytes(of: Set([true])) == tag("e") + [1, 0, 0, 0] + tag("t"))
    #expect(try bytes(of: [true: false]) == tag("m") + [1, 0, 0, 0] + tag("t") + tag("f"))
    #expect(try bytes(of: Port(4, kind: "k")) == tag("r") + Hand.text("k") + Digest(of: []).bytes)
    #expect(try bytes(of: SourceFile("x")) == tag("x") + Digest(of: []).bytes)
  }

  @Test("Integers of any width that fit encode alike; floats do not")
  func widths() throws {
    let seven = Hand.integer(7)
    #expect(try bytes(of: Int8(7)) == seven)
    #expect(try bytes(of: Int16(7)) == seven)
    #expect(try bytes(of: Int32(7)) == seven)
    #expect(try bytes(of: Int64(7)) == seven)
    #expect(try bytes(of: UInt8(7)) == seven)
    #expect(try bytes(of: UInt16(7)) == seven)
    #expect(try bytes(of: UInt32(7)) == seven)
    #expect(try bytes(of: UInt64(7)) == seven)
    #expect(try bytes(of: UInt(7)) == seven)
    #expect(try bytes(of: Float(0.1)) != bytes(of: 0.1))
    #expect(try bytes(of: 7.0) != seven)
    #expect(try bytes(of: "7") != seven)
  }

  @Test("Negative zero is zero, and NaN is refused with the field's name")
  func numbers() throws {
    #expect(try bytes(of: -0.0) == bytes(of: 0.0))
    #expect(try bytes(of: -Float(0)) == bytes(of: Float(0)))
    #expect(try bytes(of: Double.infinity) != bytes(of: Double.greatestFiniteMagnitude))
    for refused in [refusal(Boxed(value: Double.nan)), refusal(Boxed(value: -Float.signalingNaN))] {
      #expect(refused?.code == "key.not-a-number")
      #expect(refused?.place.field == "value")
    }
  }

  @Test("A nil field is written: it differs from every value, and from a field that is not there")
  func nils() throws {
    struct One: Encodable { var a: Int? }
    struct Two: Encodable { var a: Int?; var b: Int? }
    let all = try [
      recipe(One(a: nil)), recipe(One(a: 0)), recipe(Two(a: nil, b: nil)), recipe(Two(a: 0, b: nil)),
      recipe(Two(a: nil, b: 0)),
    ]
    #expect(Set(all.map(\.key)).count == all.count)
  }

  @Test("Sets and dictionaries encode alike in whatever order and capacity they were filled")
  func order() throws {
    var random = Seeded(1)
    let words = (0..<40).map { "word \($0)" }
    let reference = try bytes(of: Set(words))
    let pairs = try bytes(of: Dictionary(uniqueKeysWithValues: words.map { ($0, $0.count) }))
    for round in 0..<30 {
      let shuffled = words.shuffled(using: &random)
      var set = Set<String>(minimumCapacity: 1 << (round % 10))
      var map = [String: Int](minimumCapacity: 1 << (round % 10))
      for word in shuffled {
        set.insert(word)
        map[word] = word.count
      }
      #expect(try bytes(of: set) == reference)
      #expect(try bytes(of: map) == pairs)
    }
    #expect(try bytes(of: words) != bytes(of: Array(words.reversed())), "the order of an array counts")
  }

  @Test("Values that would read alike when joined have unlike bytes")
  func injective() throws {
    struct Two: Encodable { var a: String; var b: String }
    #expect(try recipe(Two(a: "xy", b: "z")).key != recipe(Two(a: "x", b: "yz")).key)
    #expect(try bytes(of: [["a"], ["b"]]) != bytes(of: [["a", "b"]]))
    #expect(try bytes(of: ["a", "b"]) != bytes(of: Set(["a", "b"])))
    #expect(try bytes(of: [String]()) != bytes(of: [String: String]()))
  }

  @Test("Enums with payloads, nested and optional, are told apart")
  func enums() throws {
    indirect enum Shape: Encodable {
      case bare
      case sized(Int, label: String?)
      case nested(Shape)
      case either([Shape])
    }
    let shapes: [Shape] = [
      .bare, .sized(1, label: nil), .sized(1, label: ""), .sized(2, label: nil), .nested(.bare),
      .nested(.sized(1, label: nil)), .either([]), .either([.bare]), .either([.bare, .bare]),
    ]
    #expect(Set(try shapes.map { try bytes(of: $0) }).count == shapes.count)
  }

  @Test("Classes write their parents' fields, with and without a super encoder")
  func classes() throws {
    class Parent: Encodable {
      var a = 1
      init() {}
    }
    final class Inline: Parent {
      var b = 2
      enum Keys: CodingKey { case b }
      override func encode(to encoder: any Encoder) throws {
        try super.encode(to: encoder)
        var fields = encoder.container(keyedBy: Keys.self)
        try fields.encode(b, forKey: .b)
      }
    }
    final class Apart: Parent {
      var b = 2
      enum Keys: CodingKey { case b }
      override func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Keys.self)
        try fields.encode(b, forKey: .b)
        try super.encode(to: fields.superEncoder())
      }
    }
    let object = [UInt8(ascii: "o")]
    let inline = object + Hand.u32(2) + Hand.text("a") + Hand.integer(1) + Hand.text("b") + Hand.integer(2)
    let parent = object + Hand.u32(1) + Hand.text("a") + Hand.integer(1)
    let apart = object + Hand.u32(2) + Hand.text("b") + Hand.integer(2) + Hand.text("super") + parent
    #expect(try bytes(of: Inline()) == inline)
    #expect(try bytes(of: Apart()) == apart)
  }

  @Test("Fields are in order of their names' bytes, also beyond the first eight")
  func fieldOrder() throws {
    struct Names: Encodable {
      var temperatureOfTeacher = 1
      var temperature = 2
      var temperatureB = 3
      var upper = 4
      var a = 5

      enum CodingKeys: String, CodingKey {
        case temperatureOfTeacher, temperature, temperatureB, a
        case upper = "Z"
      }
    }
    let expected =
      [UInt8(ascii: "o")] + Hand.u32(5) + Hand.text("Z") + Hand.integer(4) + Hand.text("a") + Hand.integer(5)
      + Hand.text("temperature") + Hand.integer(2) + Hand.text("temperatureB") + Hand.integer(3)
      + Hand.text("temperatureOfTeacher") + Hand.integer(1)
    #expect(try bytes(of: Names()) == expected)
  }

  @Test("Inputs are found in arrays, optionals, dictionaries and nested structs, each once per place")
  func edges() throws {
    struct Inner: Encodable { var port: Port? }
    struct Outer: Encodable {
      var many = [Port(3), Port(1), Port(3)]
      var maybe: Port?
      var some: Port? = Port(7, port: "train")
      var inner = [Inner(port: Port(2)), Inner(port: nil)]
      var named = ["b": Port(5), "a": Port(6)]
    }
    let nodes = try template(Outer()).edges.map(\.node)
    #expect(nodes == [2, 3, 1, 3, 6, 5, 7])
    #expect(RecipeTemplate.edges(of: Outer()).map(\.node).sorted() == nodes.sorted())
  }

  @Test("The kind that an input is read as, and its content, are in the key; its place in the pipeline is not")
  func inputs() throws {
    let one = Digest(of: [1])
    #expect(try recipe(Boxed(value: Port(1)), digest: one).key == recipe(Boxed(value: Port(9)), digest: one).key)
    #expect(try recipe(Boxed(value: Port(1)), digest: one).key != recipe(Boxed(value: Port(1))).key)
    #expect(
      try recipe(Boxed(value: Port(1)), digest: one).key
        != recipe(Boxed(value: Port(1, kind: "other")), digest: one).key)
    #expect(try template(Boxed(value: Port(1))).filled { _ in nil } == nil)
  }

  @Test("A seed of the stage's own hides the default; the standard one is the default's number")
  func seeds() throws {
    let fixed = try template(Boxed(value: Seed.fixed(5)), seed: 1)
    #expect(try fixed == template(Boxed(value: Seed.fixed(5)), seed: 2))
    #expect(try fixed == template(Boxed(value: Seed.standard), seed: 5))
    #expect(try fixed != template(Boxed(value: Seed.standard), seed: 6))
  }

  @Test("Version, used stages, outputs and machine are in the key")
  func envelope() throws {
    func key(
      version: Int = 1, uses: [StageIdentity] = [], outputs: [OutputPort] = [], machine: MachineProfile? = nil
    ) throws -> Key? {
      try RecipeTemplate(
        stage: "test", version: version, uses: uses, options: Boxed(value: 1), outputs: outputs, machine: machine,
        defaultSeed: 0
      ).filled { _ in nil }?.key
    }
    let keys = try [
      key(), key(version: 2), key(uses: [StageIdentity(id: "a", version: 1)]),
      key(uses: [StageIdentity(id: "a", version: 2)]), key(outputs: [OutputPort(name: "", kind: "k")]),
      key(machine: .unknown),
    ]
    #expect(Set(keys).count == keys.count)
    let (a, b) = (StageIdentity(id: "a", version: 1), StageIdentity(id: "b", version: 1))
    #expect(try key(uses: [a, b]) == key(uses: [b, a]))
  }
}

@Suite("What no key can hold is refused")
struct RefusedEncodingTests {
  struct Nothing: Encodable { func encode(to encoder: any Encoder) throws {} }

  struct Twice: Encodable {
    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(1)
      try container.encode(2)
    }
  }

  struct SameName: Encodable {
    enum Keys: CodingKey { case a }
    func encode(to encoder: any Encoder) throws {
      var fields = encoder.container(keyedBy: Keys.self)
      try fields.encode(1, forKey: .a)
      try fields.encode(2, forKey: .a)
    }
  }

  @Test("Each with its code and field")
  func codes() throws {
    let url = try #require(URL(string: "file:///x"))
    #expect(refusal(Boxed(value: Nothing()))?.code == "key.nothing-written")
    #expect(refusal(Boxed(value: Twice()))?.code == "key.written-twice")
    #expect(refusal(SameName())?.code == "key.duplicate-field")
    #expect(refusal(Boxed(value: FilePath("/x")))?.code == "key.path")
    #expect(refusal(Boxed(value: FilePath?("/x")))?.code == "key.path")
    #expect(refusal(Boxed(value: [url]))?.code == "key.path")
    #expect(refusal(Boxed(value: Set([Port(1)])))?.code == "key.input-in-set")
    #expect(refusal(Boxed(value: [Port(1): 2]))?.code == "key.input-in-set")
    #expect(refusal(Boxed(value: Nothing()))?.place.field == "value")
  }

  @Test("Values nested without end are refused before the stack ends")
  func depth() throws {
    indirect enum Chain: Encodable { case end, link(Chain) }
    var chain = Chain.end
    for _ in 0..<40 { chain = .link(chain) }
    #expect(refusal(chain) == nil)
    for _ in 0..<1_000 { chain = .link(chain) }
    #expect(refusal(chain)?.code == "key.too-deep")
  }
}

private func refusal(_ options: some Encodable) -> RetortError? {
  do {
    _ = try template(options)
    return nil
  } catch { return error as? RetortError }
}

/// A small generator for tests: the same numbers on every machine.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
