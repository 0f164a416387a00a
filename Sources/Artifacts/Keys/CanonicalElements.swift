/// An array of the canonical encoding.
struct CanonicalElements: UnkeyedEncodingContainer {
  let sink: CanonicalSink
  let node: Int
  private(set) var count = 0

  init(sink: CanonicalSink, node: Int) {
    self.sink = sink
    self.node = node
  }

  var codingPath: [any CodingKey] { [] }

  private mutating func slot() -> Int {
    count += 1
    return sink.addChild(of: node)
  }

  mutating func encodeNil() throws { sink.setTag(slot(), CanonicalTag.null) }
  mutating func encode(_ value: Bool) throws { CanonicalWriter.bool(value, to: slot(), of: sink) }
  mutating func encode(_ value: String) throws { CanonicalWriter.string(value, to: slot(), of: sink) }
  mutating func encode(_ value: Double) throws { try CanonicalWriter.double(value, to: slot(), of: sink) }
  mutating func encode(_ value: Float) throws { try CanonicalWriter.float(value, to: slot(), of: sink) }
  mutating func encode(_ value: Int) throws { CanonicalWriter.integer(value, to: slot(), of: sink) }
  mutating func encode(_ value: Int8) throws { CanonicalWriter.integer(value, to: slot(), of: sink) }
  mutating func encode(_ value: Int16) throws { CanonicalWriter.integer(value, to: slot(), of: sink) }
  mutating func encode(_ value: Int32) throws { CanonicalWriter.integer(value, to: slot(), of: sink) }
  mutating func encode(_ value: Int64) throws { CanonicalWriter.integer(value, to: slot(), of: sink) }
  mutating func encode(_ value: UInt) throws { CanonicalWriter.integer(value, to: slot(), of: sink) }
  mutating func encode(_ value: UInt8) throws { CanonicalWriter.integer(value, to: slot(), of: sink) }
  mutating func encode(_ value: UInt16) throws { CanonicalWriter.integer(value, to: slot(), of: sink) }
  mutating func encode(_ value: UInt32) throws { CanonicalWriter.integer(value, to: slot(), of: sink) }
  mutating func encode(_ value: UInt64) throws { CanonicalWriter.integer(value, to: slot(), of: sink) }
  mutating func encode(_ value: some Encodable) throws { try CanonicalWriter.write(value, to: slot(), of: sink) }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    CanonicalEncoder(sink: sink, node: slot()).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    CanonicalEncoder(sink: sink, node: slot()).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { CanonicalEncoder(sink: sink, node: slot()) }
}

/// A bare value of the canonical encoding.
struct CanonicalSingle: SingleValueEncodingContainer {
  let sink: CanonicalSink
  let node: Int

  var codingPath: [any CodingKey] { [] }

  mutating func encodeNil() throws { sink.setTag(node, CanonicalTag.null) }
  mutating func encode(_ value: Bool) throws { CanonicalWriter.bool(value, to: node, of: sink) }
  mutating func encode(_ value: String) throws { CanonicalWriter.string(value, to: node, of: sink) }
  mutating func encode(_ value: Double) throws { try CanonicalWriter.double(value, to: node, of: sink) }
  mutating func encode(_ value: Float) throws { try CanonicalWriter.float(value, to: node, of: sink) }
  mutating func encode(_ value: Int) throws { CanonicalWriter.integer(value, to: node, of: sink) }
  mutating func encode(_ value: Int8) throws { CanonicalWriter.integer(value, to: node, of: sink) }
  mutating func encode(_ value: Int16) throws { CanonicalWriter.integer(value, to: node, of: sink) }
  mutating func encode(_ value: Int32) throws { CanonicalWriter.integer(value, to: node, of: sink) }
  mutating func encode(_ value: Int64) throws { CanonicalWriter.integer(value, to: node, of: sink) }
  mutating func encode(_ value: UInt) throws { CanonicalWriter.integer(value, to: node, of: sink) }
  mutating func encode(_ value: UInt8) throws { CanonicalWriter.integer(value, to: node, of: sink) }
  mutating func encode(_ value: UInt16) throws { CanonicalWriter.integer(value, to: node, of: sink) }
  mutating func encode(_ value: UInt32) throws { CanonicalWriter.integer(value, to: node, of: sink) }
  mutating func encode(_ value: UInt64) throws { CanonicalWriter.integer(value, to: node, of: sink) }
  mutating func encode(_ value: some Encodable) throws { try CanonicalWriter.write(value, to: node, of: sink) }
}
