import Artifacts
import Testing

@Suite("Snapshots in bytes")
struct SnapshotCodecTests {
  let snapshot = Snapshot(["weights": [1, 2, 3], "step": [9], "empty": []])
  let profile = NumericsProfile(kernels: "avx2", blas: "blas 1", build: "release")

  /// As the codec's table says, byte by byte.
  private var expected: [UInt8] {
    func text(_ text: String) -> [UInt8] { Hand.u64(UInt64(text.utf8.count)) + Array(text.utf8) }
    let sections: [(String, [UInt8])] = [("empty", []), ("step", [9]), ("weights", [1, 2, 3])]
    var bytes = Array("RETORTSN".utf8) + Hand.u32(1) + text("avx2") + text("blas 1") + text("release") + Hand.u64(3)
    for (name, content) in sections { bytes += text(name) + Hand.u64(UInt64(content.count)) + content }
    return bytes + Digest(of: bytes).bytes
  }

  @Test("The bytes are those of the table, and read back")
  func golden() throws {
    let bytes = SnapshotCodec.encode(snapshot, profile: profile)
    #expect(bytes == expected)
    let read = try SnapshotCodec.decode(bytes)
    #expect(read.snapshot == snapshot)
    #expect(read.profile == profile)
    #expect(try SnapshotCodec.decode(SnapshotCodec.encode(Snapshot(), profile: .unknown)).snapshot == Snapshot())
  }

  @Test("A cut-off or flipped snapshot is refused")
  func damage() throws {
    let bytes = SnapshotCodec.encode(snapshot, profile: profile)
    for length in 0..<bytes.count { expectDamaged(Array(bytes[..<length])) }
    for bit in 0..<bytes.count * 8 {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << (bit % 8)
      expectDamaged(flipped)
    }
    expectDamaged(bytes + [0])
  }

  @Test("Sections that lie, though the checksum fits, are refused")
  func lies() throws {
    let content = Array(expected.dropLast(Digest.byteCount))
    var unordered = content
    unordered.replaceSubrange(content.count - 3..<content.count, with: [UInt8]())
    expectDamaged(unordered + Digest(of: unordered).bytes)
    let count = 8 + 4 + (8 + 4) + (8 + 6) + (8 + 7)
    for claimed: UInt64 in [0, 2, 4, .max] {
      var wrong = content
      wrong.replaceSubrange(count..<count + 8, with: Hand.u64(claimed))
      expectDamaged(wrong + Digest(of: wrong).bytes)
    }
  }

  @Test("Another version is told apart from damage")
  func version() {
    var bytes = Array(expected.dropLast(Digest.byteCount))
    bytes[8] = 2
    let whole = bytes + Digest(of: bytes).bytes
    #expect { try SnapshotCodec.decode(whole) } throws: { ($0 as? RetortError)?.code == "snapshot.version" }
  }

  private func expectDamaged(_ bytes: [UInt8], at location: SourceLocation = #_sourceLocation) {
    #expect(sourceLocation: location) {
      try SnapshotCodec.decode(bytes)
    } throws: {
      ($0 as? RetortError)?.code == "snapshot.damaged"
    }
  }
}
