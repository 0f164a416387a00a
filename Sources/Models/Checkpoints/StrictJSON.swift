/// A JSON document that keeps the order of members and the text of numbers.
///
/// Foundation's decoders take the last of two equal keys in silence; in a checkpoint's header that would hide a tensor.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// A number as it is written; offsets above 2⁵³ survive.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// One `"name": value` of an object.
  public struct Member: Sendable, Equatable {
    public var name: String
    public var value: JSONValue

    public init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The first member of that name, byte for byte.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  /// An integer written without fraction and exponent.
  public var integer: Int? {
    guard case .number(let text) = self else { return nil }
    return Int(text)
  }

  public var double: Double? {
    guard case .number(let text) = self else { return nil }
    return Double(text)
  }

  public var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  public var flag: Bool? {
    guard case .bool(let flag) = self else { return nil }
    return flag
  }
}

/// Why a text is no JSON document, and where.
public struct JSONFault: Error, Sendable, Equatable {
  public let reason: String
  /// Bytes before the fault.
  public let offset: Int

  public init(reason: String, offset: Int) { (self.reason, self.offset) = (reason, offset) }
}

extension JSONValue {
  /// Parses one document (RFC 8259), refusing equal keys in one object and more than 64 levels.
  ///
  /// - Throws: `JSONFault`.
  public init(parsing bytes: UnsafeRawBufferPointer) throws(JSONFault) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }

  /// Parses one document held in an array.
  ///
  /// - Throws: `JSONFault`.
  public init(parsing bytes: [UInt8]) throws(JSONFault) {
    let result: Result<JSONValue, JSONFault> = bytes.withUnsafeBytes { raw in
      do throws(JSONFault) { return .success(try JSONValue(parsing: raw)) } catch { return .failure(error) }
    }
    self = try result.get()
  }
}

private struct JSONParser {
  static let deepest = 64
  let bytes: UnsafeRawBufferPointer
  var position = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func document() throws(JSONFault) -> JSONValue {
    let result = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw fault("text after the end of the document") }
    return result
  }

  func fault(_ reason: String) -> JSONFault { JSONFault(reason: reason, offset: position) }

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
    guard depth < Self.deepest else { throw fault("more than \(Self.deepest) levels") }
    skipSpace()
    switch next {
    case nil: throw fault("the document ends where a value is wanted")
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
    let count = word.utf8CodeUnitCount
    guard position + count <= bytes.count else { throw fault("not a value") }
    for index in 0..<count where bytes[position + index] != word.utf8Start[index] { throw fault("not a value") }
    position += count
    return value
  }

  mutating func object(depth: Int) throws(JSONFault) -> JSONValue {
    position += 1
    var members: [JSONValue.Member] = []
    var seen: Set<[UInt8]> = []
    skipSpace()
    if next == UInt8(ascii: "}") {
      position += 1
      return .object(members)
    }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw fault("a member's name is missing") }
      let start = position
      let name = try string()
      guard seen.insert(Array(name.utf8)).inserted else {
        position = start
        throw fault("the name \"\(name)\" stands twice in one object")
      }
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw fault("a colon is missing after \"\(name)\"") }
      position += 1
      members.append(.init(name, try value(depth: depth + 1)))
      skipSpace()
      guard let byte = next else { throw fault("an object is not closed") }
      position += 1
      if byte == UInt8(ascii: "}") { return .object(members) }
      guard byte == UInt8(ascii: ",") else {
        position -= 1
        throw fault("a comma or brace is missing")
      }
    }
  }

  mutating func array(depth: Int) throws(JSONFault) -> JSONValue {
    position += 1
    var items: [JSONValue] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      position += 1
      return .array(items)
    }
    while true {
      items.append(try value(depth: depth + 1))
      skipSpace()
      guard let byte = next else { throw fault("an array is not closed") }
      position += 1
      if byte == UInt8(ascii: "]") { return .array(items) }
      guard byte == UInt8(ascii: ",") else {
        position -= 1
        throw fault("a comma or bracket is missing")
      }
    }
  }

  mutating func number() throws(JSONFault) -> String {
    let start = position
    func digit(_ byte: UInt8?) -> Bool { byte.map { $0 >= 0x30 && $0 <= 0x39 } ?? false }
    if next == UInt8(ascii: "-") { position += 1 }
    guard digit(next) else { throw fault("not a value") }
    if next == 0x30 {
      position += 1
      if digit(next) { throw fault("a number starts with a zero") }
    }
    while digit(next) { position += 1 }
    if next == UInt8(ascii: ".") {
      position += 1
      guard digit(next) else { throw fault("a digit is missing after the point") }
      while digit(next) { position += 1 }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      guard digit(next) else { throw fault("a digit is missing in the exponent") }
      while digit(next) { position += 1 }
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  mutating func string() throws(JSONFault) -> String {
    let start = position
    position += 1
    var units: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: units, as: UTF8.self) else {
          position = start
          throw fault("a string is not UTF-8")
        }
        return text
      case UInt8(ascii: "\\"): try escape(into: &units)
      case 0..<0x20:
        position -= 1
        throw fault("a control character stands in a string")
      default: units.append(byte)
      }
    }
    position = start
    throw fault("a string is not closed")
  }

  mutating func escape(into units: inout [UInt8]) throws(JSONFault) {
    guard let byte = next else { throw fault("a string is not closed") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(byte)
    case UInt8(ascii: "b"): units.append(0x08)
    case UInt8(ascii: "f"): units.append(0x0C)
    case UInt8(ascii: "n"): units.append(0x0A)
    case UInt8(ascii: "r"): units.append(0x0D)
    case UInt8(ascii: "t"): units.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hex()
      if code & 0xFC00 == 0xD800 {
        guard next == UInt8(ascii: "\\") else { throw fault("half of a surrogate pair") }
        position += 1
        guard next == UInt8(ascii: "u") else { throw fault("half of a surrogate pair") }
        position += 1
        let low = try hex()
        guard low & 0xFC00 == 0xDC00 else { throw fault("half of a surrogate pair") }
        code = 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF)
      }
      guard let scalar = Unicode.Scalar(code) else { throw fault("half of a surrogate pair") }
      units.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default:
      position -= 1
      throw fault("an unknown escape")
    }
  }

  mutating func hex() throws(JSONFault) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("four hexadecimal digits are wanted")
      }
      code = code << 4 + UInt32(digit)
      position += 1
    }
    return code
  }
}
