/// The fields of an object, the entries of a dictionary, or what stands for an input or a file.
struct RecipeFields<Name: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: RecipeNodeDecoder
  let fields: [(name: String, value: RecipeNode)]

  var codingPath: [any CodingKey] { decoder.codingPath }
  var allKeys: [Name] { fields.compactMap { Name(stringValue: $0.name) } }

  func contains(_ key: Name) -> Bool { fields.contains { $0.name == key.stringValue } }

  private func value(_ key: Name) throws -> RecipeNodeDecoder {
    guard let field = fields.first(where: { $0.name == key.stringValue }) else {
      throw DecodingError.keyNotFound(
        key, DecodingError.Context(codingPath: codingPath, debugDescription: "It is not in the recipe."))
    }
    return decoder.child(field.value, key)
  }

  func decodeNil(forKey key: Name) throws -> Bool { try value(key).decodeNil() }
  func decode(_ type: Bool.Type, forKey key: Name) throws -> Bool { try value(key).decode(type) }
  func decode(_ type: String.Type, forKey key: Name) throws -> String { try value(key).decode(type) }
  func decode(_ type: Double.Type, forKey key: Name) throws -> Double { try value(key).decode(type) }
  func decode(_ type: Float.Type, forKey key: Name) throws -> Float { try value(key).decode(type) }
  func decode(_ type: Int.Type, forKey key: Name) throws -> Int { try value(key).decode(type) }
  func decode(_ type: Int8.Type, forKey key: Name) throws -> Int8 { try value(key).decode(type) }
  func decode(_ type: Int16.Type, forKey key: Name) throws -> Int16 { try value(key).decode(type) }
  func decode(_ type: Int32.Type, forKey key: Name) throws -> Int32 { try value(key).decode(type) }
  func decode(_ type: Int64.Type, forKey key: Name) throws -> Int64 { try value(key).decode(type) }
  func decode(_ type: UInt.Type, forKey key: Name) throws -> UInt { try value(key).decode(type) }
  func decode(_ type: UInt8.Type, forKey key: Name) throws -> UInt8 { try value(key).decode(type) }
  func decode(_ type: UInt16.Type, forKey key: Name) throws -> UInt16 { try value(key).decode(type) }
  func decode(_ type: UInt32.Type, forKey key: Name) throws -> UInt32 { try value(key).decode(type) }
  func decode(_ type: UInt64.Type, forKey key: Name) throws -> UInt64 { try value(key).decode(type) }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Name) throws -> Value {
    try value(key).decode(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Name
  ) throws -> KeyedDecodingContainer<Nested> {
    try value(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Name) throws -> any UnkeyedDecodingContainer {
    try value(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder {
    guard let field = fields.first(where: { $0.name == "super" }) else { return decoder }
    return RecipeNodeDecoder(node: field.value, substitutes: decoder.substitutes, codingPath: codingPath)
  }

  func superDecoder(forKey key: Name) throws -> any Decoder { try value(key) }
}

/// The elements of an array or a set, or keys and values in turn.
struct RecipeElements: UnkeyedDecodingContainer {
  let decoder: RecipeNodeDecoder
  let elements: [RecipeNode]
  private(set) var currentIndex = 0

  private struct Index: CodingKey {
    var intValue: Int?
    var stringValue: String { "\(intValue ?? 0)" }
    init(intValue: Int) { self.intValue = intValue }
    init?(stringValue: String) { intValue = Int(stringValue) }
  }

  init(decoder: RecipeNodeDecoder, elements: [RecipeNode]) { (self.decoder, self.elements) = (decoder, elements) }

  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex >= elements.count }

  private mutating func next() throws -> RecipeNodeDecoder {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        RecipeNode.self,
        DecodingError.Context(codingPath: codingPath, debugDescription: "The list has no more elements."))
    }
    defer { currentIndex += 1 }
    return decoder.child(elements[currentIndex], Index(intValue: currentIndex))
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, case .null = elements[currentIndex] else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode(_ type: Bool.Type) throws -> Bool { try next().decode(type) }
  mutating func decode(_ type: String.Type) throws -> String { try next().decode(type) }
  mutating func decode(_ type: Double.Type) throws -> Double { try next().decode(type) }
  mutating func decode(_ type: Float.Type) throws -> Float { try next().decode(type) }
  mutating func decode(_ type: Int.Type) throws -> Int { try next().decode(type) }
  mutating func decode(_ type: Int8.Type) throws -> Int8 { try next().decode(type) }
  mutating func decode(_ type: Int16.Type) throws -> Int16 { try next().decode(type) }
  mutating func decode(_ type: Int32.Type) throws -> Int32 { try next().decode(type) }
  mutating func decode(_ type: Int64.Type) throws -> Int64 { try next().decode(type) }
  mutating func decode(_ type: UInt.Type) throws -> UInt { try next().decode(type) }
  mutating func decode(_ type: UInt8.Type) throws -> UInt8 { try next().decode(type) }
  mutating func decode(_ type: UInt16.Type) throws -> UInt16 { try next().decode(type) }
  mutating func decode(_ type: UInt32.Type) throws -> UInt32 { try next().decode(type) }
  mutating func decode(_ type: UInt64.Type) throws -> UInt64 { try next().decode(type) }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next().decode(type) }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try next().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
  mutating func superDecoder() throws -> any Decoder { try next() }
}
