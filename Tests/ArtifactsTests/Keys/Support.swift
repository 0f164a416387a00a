import Artifacts

/// An input as an option: what `Ref` is to stages.
struct Port: CanonicallyEncodable, Hashable {
  var edge: Edge
  var kind: String

  init(_ node: Int, port: String = "", kind: String = "test") {
    edge = Edge(node: node, port: port, arena: 1)
    self.kind = kind
  }

  func encodeCanonically(into slot: CanonicalSlot) throws { slot.write(input: edge, kind: kind) }

  func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    try edge.encode(to: encoder)
  }
}

/// Bytes as an option, not as an array of numbers.
struct Blob: CanonicallyEncodable, Hashable {
  var bytes: [UInt8]

  func encodeCanonically(into slot: CanonicalSlot) throws { slot.write(bytes: bytes) }

  func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    try bytes.encode(to: encoder)
  }
}

/// A value below a field of its own, so that any value can be encoded.
struct Boxed<Value: Encodable>: Encodable {
  var value: Value
}

func template(_ options: some Encodable, seed: UInt64 = 0) throws -> RecipeTemplate {
  try RecipeTemplate(stage: "test", version: 1, options: options, defaultSeed: seed)
}

func recipe(_ options: some Encodable, digest: Digest = Digest(of: [])) throws -> Recipe {
  try template(options).filled { _ in digest } ?? Recipe(bytes: [])
}

/// The canonical bytes of one value: what stands between the fixed parts of its recipe.
func bytes(of value: some Encodable) throws -> [UInt8] {
  let head = Hand.head + Hand.text("options") + [UInt8(ascii: "o")] + Hand.u32(1) + Hand.text("value")
  return Array(try recipe(Boxed(value: value)).bytes.dropFirst(head.count).dropLast(Hand.tail.count))
}

/// The encoding as its table says it, byte by byte.
enum Hand {
  static func u32(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
  static func u64(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) } }
  static func text(_ text: String) -> [UInt8] { u32(text.utf8.count) + Array(text.utf8) }
  static func integer(_ number: Int64) -> [UInt8] { [UInt8(ascii: "i")] + u64(UInt64(bitPattern: number)) }
  static func string(_ value: String) -> [UInt8] { [UInt8(ascii: "s")] + text(value) }

  static var head: [UInt8] {
    [UInt8(ascii: "o")] + u32(7) + text("format") + integer(1) + text("machine") + [UInt8(ascii: "n")]
  }

  static var tail: [UInt8] {
    text("outputs") + [UInt8(ascii: "a")] + u32(0) + text("stage") + string("test") + text("uses")
      + [UInt8(ascii: "a")] + u32(0) + text("version") + integer(1)
  }
}
