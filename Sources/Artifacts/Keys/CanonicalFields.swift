/// An object of the canonical encoding: fields are put in order when the tree is written.
struct CanonicalFields<Name: CodingKey>: KeyedEncodingContainerProtocol {
  let sink: CanonicalSink
  let node: Int
  private let names: FieldNames
  private let number: Int32

  init(sink: CanonicalSink, node: Int) {
    self.sink = sink
    self.node = node
    (names, number) = sink.names(of: Name.self)
  }

  var codingPath: [any CodingKey] { [] }

  private func slot(_ key: Name) -> Int { sink.addField(of: node, key.stringValue, among: names, number) }

  mutating func encodeNil(forKey key: Name) throws { sink.setTag(slot(key), CanonicalTag.null) }

  mutating func encode(_ value: Bool, forKey key: Name) throws { CanonicalWriter.bool(value, to: slot(key), of: sink) }
  mutating func encode(_ value: String, forKey key: Name) throws {
    CanonicalWriter.string(value, to: slot(key), of: sink)
  }
  mutating func encode(_ value: Double, forKey key: Name) throws {
    try CanonicalWriter.double(value, to: slot(key), of: sink)
  }
  mutating func encode(_ value: Float, forKey key: Name) throws {
    try CanonicalWriter.float(value, to: slot(key), of: sink)
  }
  mutating func encode(_ value: Int, forKey key: Name) throws {
    CanonicalWriter.integer(value, to: slot(key), of: sink)
  }
  mutating func encode(_ value: Int8, forKey key: Name) throws {
    CanonicalWriter.integer(value, to: slot(key), of: sink)
  }
  mutating func encode(_ value: Int16, forKey key: Name) throws {
    CanonicalWriter.integer(value, to: slot(key), of: sink)
  }
  mutating func encode(_ value: Int32, forKey key: Name) throws {
    CanonicalWriter.integer(value, to: slot(key), of: sink)
  }
  mutating func encode(_ value: Int64, forKey key: Name) throws {
    CanonicalWriter.integer(value, to: slot(key), of: sink)
  }
  mutating func encode(_ value: UInt, forKey key: Name) throws {
    CanonicalWriter.integer(value, to: slot(key), of: sink)
  }
  mutating func encode(_ value: UInt8, forKey key: Name) throws {
    CanonicalWriter.integer(value, to: slot(key), of: sink)
  }
  mutating func encode(_ value: UInt16, forKey key: Name) throws {
    CanonicalWriter.integer(value, to: slot(key), of: sink)
  }
  mutating func encode(_ value: UInt32, forKey key: Name) throws {
    CanonicalWriter.integer(value, to: slot(key), of: sink)
  }
  mutating func encode(_ value: UInt64, forKey key: Name) throws {
    CanonicalWriter.integer(value, to: slot(key), of: sink)
  }
  mutating func encode(_ value: some Encodable, forKey key: Name) throws {
    try CanonicalWriter.write(value, to: slot(key), of: sink)
  }

  // Synthesised conformances leave nil fields out; here each is written, so that nil and absent differ from any value.

  mutating func encodeIfPresent(_ value: Bool?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent(_ value: String?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent(_ value: Double?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent(_ value: Float?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent(_ value: Int?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent(_ value: Int8?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent(_ value: Int16?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent(_ value: Int32?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent(_ value: Int64?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent(_ value: UInt?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent(_ value: UInt8?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent(_ value: UInt16?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent(_ value: UInt32?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent(_ value: UInt64?, forKey key: Name) throws { try encodeOptional(value, key) }
  mutating func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Name) throws {
    try encodeOptional(value, key)
  }

  private mutating func encodeOptional<Value: Encodable>(_ value: Value?, _ key: Name) throws {
    guard let value else { return try encodeNil(forKey: key) }
    try CanonicalWriter.write(value, to: slot(key), of: sink)
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Name
  ) -> KeyedEncodingContainer<Nested> {
    CanonicalEncoder(sink: sink, node: slot(key)).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer(forKey key: Name) -> any UnkeyedEncodingContainer {
    CanonicalEncoder(sink: sink, node: slot(key)).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder {
    CanonicalEncoder(sink: sink, node: sink.addField(of: node, "super", among: names, number))
  }

  mutating func superEncoder(forKey key: Name) -> any Encoder {
    CanonicalEncoder(sink: sink, node: slot(key))
  }
}
