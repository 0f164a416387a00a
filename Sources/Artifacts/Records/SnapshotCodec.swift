/// The bytes of a snapshot: what a checkpoint file holds.
///
/// | part | bytes |
/// | --- | --- |
/// | magic | `RETORTSN` |
/// | version | `UInt32`, 1 |
/// | profile | three texts: kernels, BLAS, build; each a `UInt64` length and UTF-8 |
/// | sections | `UInt64` count, then in order of the name's bytes: name (length, UTF-8), length, content |
/// | trailer | SHA-256 of all before it |
///
/// All numbers are little-endian.
public enum SnapshotCodec {
  public static let version: UInt32 = 1
  private static let magic = Array("RETORTSN".utf8)
  /// The smallest file: magic, version, three empty texts, no sections, trailer.
  private static let minimum = 8 + 4 + 3 * 8 + 8 + Digest.byteCount

  public static func encode(_ snapshot: Snapshot, profile: NumericsProfile) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(snapshot.sections.reduce(256) { $0 + $1.value.count + $1.key.utf8.count + 16 })
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    func append(counted content: some Collection<UInt8>) {
      append(UInt64(content.count))
      bytes.append(contentsOf: content)
    }
    bytes.append(contentsOf: magic)
    append(version)
    for text in [profile.kernels, profile.blas, profile.build] { append(counted: Array(text.utf8)) }
    append(UInt64(snapshot.sections.count))
    for (name, content) in snapshot.sections.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      append(counted: Array(name.utf8))
      append(counted: content)
    }
    Digest(of: bytes).append(to: &bytes)
    return bytes
  }

  /// - Throws: `RetortError` (`snapshot.damaged`, `snapshot.version`) for any bytes that `encode` did not write.
  public static func decode(_ bytes: [UInt8]) throws -> (snapshot: Snapshot, profile: NumericsProfile) {
    guard bytes.count >= minimum, bytes.starts(with: magic) else { throw damaged("it is no snapshot, or was cut off") }
    let content = bytes.dropLast(Digest.byteCount)
    guard Digest(bytes: bytes.suffix(Digest.byteCount)) == Digest(of: content) else {
      throw damaged("its checksum does not fit its content")
    }
    var reader = SnapshotReader(content.dropFirst(magic.count))
    let found: UInt32 = try reader.number()
    guard found == version else {
      throw RetortError(
        "snapshot.version", "The snapshot has format \(found); this Retort reads format \(version).",
        remedy: "Finish the run with the Retort that began it, or let the stage begin anew.", blame: .environment)
    }
    let profile = NumericsProfile(
      kernels: try reader.text(), blas: try reader.text(), build: try reader.text())
    var sections: [String: [UInt8]] = [:]
    let count: UInt64 = try reader.number()
    var previous: String?
    for _ in 0..<count {
      let name = try reader.text()
      if let previous, !previous.utf8.lexicographicallyPrecedes(name.utf8) {
        throw damaged("its sections are unordered")
      }
      sections[name] = Array(try reader.counted())
      previous = name
    }
    guard reader.isAtEnd else { throw damaged("bytes are left over") }
    return (Snapshot(sections), profile)
  }

  fileprivate static func damaged(_ why: String) -> RetortError {
    RetortError(
      "snapshot.damaged", "A snapshot cannot be used: \(why).", remedy: "The stage begins anew.", blame: .environment)
  }
}

private struct SnapshotReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func number<Value: FixedWidthInteger>() throws -> Value {
    try take(UInt64(MemoryLayout<Value>.size)).reversed().reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
  }

  mutating func counted() throws -> ArraySlice<UInt8> { try take(try number()) }

  mutating func text() throws -> String {
    guard let text = String(validating: try counted(), as: UTF8.self) else {
      throw SnapshotCodec.damaged("a name is not UTF-8")
    }
    return text
  }

  private mutating func take(_ count: UInt64) throws -> ArraySlice<UInt8> {
    guard count <= UInt64(rest.count) else { throw SnapshotCodec.damaged("it was cut off") }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }
}
