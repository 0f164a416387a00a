/// The table of contents of a safetensors file: names, element types, shapes and byte ranges.
///
/// Format: eight bytes with the header's length (little endian), a JSON object, then the tensors' bytes, which must
/// fill the rest of the file without hole or overlap (huggingface/safetensors, `README.md`, "Format").
public struct SafetensorsHeader: Sendable, Equatable {
  /// One stored tensor.
  public struct Entry: Sendable, Equatable {
    public let name: String
    public let type: ElementType
    public let shape: [Int]
    /// Byte range within the file.
    public let range: Range<Int>

    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }
  }

  /// The tensors in the order of their bytes.
  public let entries: [Entry]
  /// The free text pairs under `__metadata__`.
  public let metadata: [String: String]
  /// What a header may be long, as in the reference reader.
  static let largest = 100_000_000

  private let index: [[UInt8]: Int]

  /// The tensor of that name, byte for byte.
  public subscript(name: String) -> Entry? { index[Array(name.utf8)].map { entries[$0] } }

  /// Reads the first eight bytes of a file.
  ///
  /// - Returns: The number of bytes that the JSON text fills.
  /// - Throws: `safetensors.truncated`, `safetensors.headerTooLarge`.
  static func length(prefix: [UInt8], fileSize: Int, file: String) throws -> Int {
    guard prefix.count == 8 else {
      throw refusal(
        "safetensors.truncated", "It has \(fileSize) bytes; a safetensors file starts with 8 bytes of header length.",
        at: file, remedy: "Fetch or write the file again.")
    }
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(largest) else {
      throw refusal(
        "safetensors.headerTooLarge", "Its header would have \(length) bytes; at most \(largest) are allowed.",
        at: file,
        remedy: "This is probably no safetensors file.")
    }
    guard Int(length) <= fileSize - 8 else {
      throw refusal(
        "safetensors.truncated", "Its header should have \(length) bytes, but only \(fileSize - 8) follow.", at: file,
        remedy: "Fetch or write the file again.")
    }
    return Int(length)
  }

  /// Parses and checks the JSON text of a header.
  ///
  /// - Parameters:
  ///   - json: The text, `fileSize` permitting.
  ///   - fileSize: Bytes of the whole file.
  ///   - file: What to call the file in errors.
  /// - Throws: `safetensors.badHeader`, `.badElementType`, `.badShape`, `.badOffsets`, `.overlap`, `.hole`,
  ///   `.outOfRange`, `.sizeMismatch`, `.trailingBytes`; each names the tensor.
  init(json: UnsafeRawBufferPointer, fileSize: Int, file: String) throws {
    guard json.first == UInt8(ascii: "{") else {
      throw refusal("safetensors.badHeader", "Its header does not start with a brace.", at: file)
    }
    let document: JSONValue
    do throws(JSONFault) {
      document = try JSONValue(parsing: json)
    } catch {
      let duplicate = error.reason.contains("twice")
      throw refusal(
        duplicate ? "safetensors.duplicate" : "safetensors.badHeader",
        "Its header is no valid JSON: \(error.reason) (byte \(error.offset)).", at: file)
    }
    guard case .object(let members) = document else {
      throw refusal("safetensors.badHeader", "Its header is no JSON object.", at: file)
    }
    let start = 8 + json.count
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    for member in members {
      if member.name == "__metadata__" {
        metadata = try Self.metadata(member.value, file: file)
      } else {
        entries.append(try Self.entry(member, dataStart: start, fileSize: fileSize, file: file))
      }
    }
    entries.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    try Self.checkCover(entries, start: start, fileSize: fileSize, file: file)
    self.entries = entries
    self.metadata = metadata
    index = Dictionary(entries.enumerated().map { (Array($1.name.utf8), $0) }, uniquingKeysWith: { first, _ in first })
  }

  private static func metadata(_ value: JSONValue, file: String) throws -> [String: String] {
    guard case .object(let members) = value else {
      throw refusal("safetensors.badHeader", "`__metadata__` is no JSON object.", at: file)
    }
    var pairs: [String: String] = [:]
    for member in members {
      guard case .string(let text) = member.value else {
        throw refusal(
          "safetensors.badHeader", "`__metadata__` holds something else than text for \"\(member.name)\".", at: file)
      }
      pairs[member.name] = text
    }
    return pairs
  }

  private static func entry(_ member: JSONValue.Member, dataStart: Int, fileSize: Int, file: String) throws -> Entry {
    let name = member.name
    func wrong(_ code: String, _ sentence: String) -> any Error {
      refusal("safetensors.\(code)", "Tensor \"\(name)\": \(sentence)", at: file)
    }
    guard case .object = member.value else { throw wrong("badHeader", "its description is no JSON object.") }
    guard let typeName = member.value["dtype"]?.text else { throw wrong("badHeader", "`dtype` is missing.") }
    guard let type = ElementType(rawValue: typeName) else {
      throw wrong("badElementType", "the element type \"\(typeName)\" is unknown.")
    }
    guard case .array(let sizes)? = member.value["shape"] else { throw wrong("badShape", "`shape` is missing.") }
    var shape: [Int] = []
    for size in sizes {
      guard let size = size.integer, size >= 0 else {
        throw wrong("badShape", "`shape` holds \(size.compactText), which is no size.")
      }
      shape.append(size)
    }
    guard case .array(let offsets)? = member.value["data_offsets"], offsets.count == 2,
      let low = offsets[0].integer, let high = offsets[1].integer, low >= 0, high >= low
    else { throw wrong("badOffsets", "`data_offsets` is no pair of ascending offsets.") }
    guard high <= fileSize - dataStart else {
      throw wrong(
        "outOfRange", "it should end at byte \(high) of the data, but the file has only \(fileSize - dataStart).")
    }
    var bits = type.bits
    for size in shape {
      let (product, overflow) = bits.multipliedReportingOverflow(by: size)
      guard !overflow else { throw wrong("badShape", "the shape \(shape) is too large to count.") }
      bits = product
    }
    guard bits % 8 == 0 else { throw wrong("badShape", "the shape \(shape) of \(typeName) fills no whole bytes.") }
    guard bits / 8 == high - low else {
      throw wrong("sizeMismatch", "\(typeName) \(shape) needs \(bits / 8) bytes, but its offsets hold \(high - low).")
    }
    return Entry(name: name, type: type, shape: shape, range: dataStart + low..<dataStart + high)
  }

  private static func checkCover(_ entries: [Entry], start: Int, fileSize: Int, file: String) throws {
    var end = start
    var previous: String?
    for entry in entries {
      if entry.range.lowerBound < end {
        throw refusal(
          "safetensors.overlap", "Tensor \"\(entry.name)\" overlaps tensor \"\(previous ?? "")\".", at: file)
      }
      if entry.range.lowerBound > end {
        throw refusal(
          "safetensors.hole", "\(entry.range.lowerBound - end) bytes before tensor \"\(entry.name)\" belong to none.",
          at: file)
      }
      (end, previous) = (entry.range.upperBound, entry.name)
    }
    guard end == fileSize else {
      throw refusal(
        "safetensors.trailingBytes", "\(fileSize - end) bytes after the last tensor belong to none.", at: file)
    }
  }
}
