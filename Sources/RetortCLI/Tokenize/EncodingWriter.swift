import Models
import Retort

/// Writes encodings as lines of JSON, many at a time.
struct EncodingWriter {
  private var buffer: [UInt8] = []

  mutating func write(_ encoding: Encoding, of tokenizer: any Tokenizer) {
    add(#"{"ids": ["#)
    for (place, id) in encoding.ids.enumerated() {
      if place > 0 { add(", ") }
      add(Int(id))
    }
    add(#"], "tokens": ["#)
    for (place, text) in tokenizer.texts(of: encoding).enumerated() {
      if place > 0 { add(", ") }
      quote(text)
    }
    add(#"], "offsets": ["#)
    for (place, range) in encoding.offsets.enumerated() {
      add(place > 0 ? ", [" : "[")
      add(range.lowerBound)
      add(", ")
      add(range.upperBound)
      add("]")
    }
    add("]}\n")
    if buffer.count >= 1 << 16 { flush() }
  }

  mutating func flush() {
    Streams.output(String(decoding: buffer, as: UTF8.self))
    buffer.removeAll(keepingCapacity: true)
  }

  private mutating func add(_ text: StaticString) {
    buffer.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func add(_ number: Int) {
    if number >= 10 { add(number / 10) }
    buffer.append(UInt8(0x30 + number % 10))
  }

  private mutating func quote(_ text: String) {
    buffer.append(0x22)
    for byte in text.utf8 {
      switch byte {
      case 0x22, 0x5C:
        buffer.append(0x5C)
        buffer.append(byte)
      case 0..<0x20:
        add("\\u00")
        buffer.append(Self.digits[Int(byte >> 4)])
        buffer.append(Self.digits[Int(byte & 15)])
      default: buffer.append(byte)
      }
    }
    buffer.append(0x22)
  }

  private static let digits = Array("0123456789abcdef".utf8)
}
