/// A recipe's value as `Decodable` types read it.
struct RecipeNodeDecoder: Decoder {
  let node: RecipeNode
  let substitutes: RecipeDecoder.Substitutes
  var codingPath: [any CodingKey] = []

  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func child(_ node: RecipeNode, _ key: any CodingKey) -> RecipeNodeDecoder {
    RecipeNodeDecoder(node: node, substitutes: substitutes, codingPath: codingPath + [key])
  }

  func container<Name: CodingKey>(keyedBy type: Name.Type) throws -> KeyedDecodingContainer<Name> {
    KeyedDecodingContainer(RecipeFields<Name>(decoder: self, fields: try fields()))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    switch node {
    case .array(let elements), .set(let elements): RecipeElements(decoder: self, elements: elements)
    case .map(let pairs): RecipeElements(decoder: self, elements: pairs.flatMap { [$0.key, $0.value] })
    // What no key holds is empty.
    case .null: RecipeElements(decoder: self, elements: [])
    default: throw mismatch([RecipeNode].self, "a list")
    }
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  private func fields() throws -> [(name: String, value: RecipeNode)] {
    switch node {
    case .object(let fields): return fields
    case .map(let pairs):
      return try pairs.map { pair in
        switch pair.key {
        case .string(let name): (name, pair.value)
        case .integer(let number): (String(number), pair.value)
        default: throw mismatch([String: RecipeNode].self, "a dictionary with texts or numbers as keys")
        }
      }
    case .input(_, let digest):
      let edge = try substitutes.edge(digest)
      return [
        ("node", .integer(Int64(edge.node))), ("port", .string(edge.port)), ("arena", .integer(Int64(edge.arena))),
      ]
    case .source(let digest):
      let source = try substitutes.source(digest)
      let members = (source.members ?? []).map { member in
        RecipeNode.object([("name", .string(member.name)), ("isOptional", .bool(member.isOptional))])
      }
      return [("path", .string(source.path.string)), ("members", .array(members))]
    default: throw mismatch([String: RecipeNode].self, "an object")
    }
  }

  func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
    .typeMismatch(
      type,
      DecodingError.Context(codingPath: codingPath, debugDescription: "\(expected) was expected, not \(node.name)"))
  }
}

extension RecipeNode {
  fileprivate var name: String {
    switch self {
    case .null: "nil"
    case .bool: "a Boolean"
    case .integer, .unsigned: "an integer"
    case .double, .float: "a number"
    case .string: "a text"
    case .bytes: "bytes"
    case .input: "an input"
    case .source: "a file"
    case .array, .set: "a list"
    case .object: "an object"
    case .map: "a dictionary"
    }
  }
}

extension RecipeNodeDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { if case .null = node { true } else { false } }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .bool(let value) = node else { throw mismatch(type, "a Boolean") }
    return value
  }

  func decode(_ type: String.Type) throws -> String {
    switch node {
    case .string(let value): return value
    case .source(let digest): return try substitutes.source(digest).path.string
    // A destination, which no key holds.
    case .null: return substitutes.unkeyed
    default: throw mismatch(type, "a text")
    }
  }

  func decode(_ type: Double.Type) throws -> Double {
    guard case .double(let value) = node else { throw mismatch(type, "a Double") }
    return value
  }

  func decode(_ type: Float.Type) throws -> Float {
    guard case .float(let value) = node else { throw mismatch(type, "a Float") }
    return value
  }

  private func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws -> Value {
    let value: Value? =
      switch node {
      case .integer(let value): Value(exactly: value)
      case .unsigned(let value): Value(exactly: value)
      default: nil
      }
    guard let value else { throw mismatch(type, "an integer that fits \(type)") }
    return value
  }

  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }
}
