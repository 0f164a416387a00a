import Declaring
import Foundation

/// A snapshot on disk, whole or not at all.
///
/// Layout: 8 bytes `RTSNAP1\n`; the length of the header (`UInt64`, little-endian); the header as JSON (key, numerics
/// profile, name and size of each section); the sections; SHA-256 of everything before it.
enum SnapshotFile {
  private struct Header: Codable {
    struct Section: Codable {
      var name: String
      var bytes: Int
    }

    var key: Key
    var profile: NumericsProfile
    var sections: [Section]
  }

  private static let magic = Array("RTSNAP1\n".utf8)

  /// Replaces the file at `path`; a kill at any instant leaves the old one or the new one. Returns its size in bytes.
  static func write(_ snapshot: Snapshot, of key: Key, profile: NumericsProfile, to path: FilePath) throws -> Int {
    let sections = snapshot.sections.sorted { $0.key < $1.key }
    let header = Header(
      key: key, profile: profile, sections: sections.map { .init(name: $0.key, bytes: $0.value.count) })
    let json = Array(try JSONEncoder().encode(header))
    var offset = 0
    FaultPoint.pass("checkpoint.begin")
    try Files.replace(path) { file in
      var hasher = ContentHasher()
      func append(_ bytes: [UInt8]) throws {
        try file.write(bytes, at: offset)
        hasher.update(bytes)
        offset += bytes.count
      }
      try append(magic)
      try append(littleEndian(UInt64(json.count)))
      try append(json)
      FaultPoint.pass("checkpoint.header")
      for section in sections {
        try append(section.value)
        FaultPoint.pass("checkpoint.section")
      }
      let digest = hasher.finish().bytes
      try file.write(digest, at: offset)
      offset += digest.count
      FaultPoint.pass("checkpoint.written")
    }
    FaultPoint.pass("checkpoint.replaced")
    return offset
  }

  /// What an attempt to read gave.
  enum Reading {
    case snapshot(Snapshot)
    /// There is none.
    case missing
    /// There is one that must not be used, and why.
    case unusable(String)
  }

  /// Reads the snapshot of `key`, if it is whole and was written under the same numerics profile.
  static func read(_ path: FilePath, of key: Key, profile: NumericsProfile) -> Reading {
    do {
      guard try Files.status(of: path) != nil else { return .missing }
      return try read(Files.read(path), key, profile)
    } catch {
      return .unusable("it cannot be read: \(error)")
    }
  }

  private static func read(_ bytes: [UInt8], _ key: Key, _ profile: NumericsProfile) throws -> Reading {
    let fixed = magic.count + 8
    guard bytes.count >= fixed + Digest.byteCount, bytes.starts(with: magic) else {
      return .unusable("it is no whole snapshot")
    }
    let body = bytes.count - Digest.byteCount
    guard Digest(of: bytes[..<body]) == Digest(bytes: bytes[body...]) else {
      return .unusable("its checksum does not fit")
    }
    var length: UInt64 = 0
    for byte in bytes[magic.count..<fixed].reversed() { length = length << 8 | UInt64(byte) }
    guard length <= UInt64(body - fixed) else { return .unusable("its header is too long") }
    let header = try JSONDecoder().decode(Header.self, from: Data(bytes[fixed..<fixed + Int(length)]))
    guard header.key == key else { return .unusable("it belongs to another key") }
    guard header.profile == profile else {
      return .unusable(
        "it was written under another numerics profile (\(describe(header.profile)); here: \(describe(profile)))")
    }
    var offset = fixed + Int(length)
    var snapshot = Snapshot()
    for section in header.sections {
      guard section.bytes >= 0, section.bytes <= body - offset else { return .unusable("a section is too long") }
      snapshot.sections[section.name] = Array(bytes[offset..<offset + section.bytes])
      offset += section.bytes
    }
    return .snapshot(snapshot)
  }

  private static func describe(_ profile: NumericsProfile) -> String {
    "\(profile.kernels), \(profile.blas), \(profile.build)"
  }

  private static func littleEndian(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
}
