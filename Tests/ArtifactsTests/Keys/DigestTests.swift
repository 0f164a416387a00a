import Artifacts
import Testing

@Suite("Digests")
struct DigestTests {
  /// From FIPS 180-4's examples.
  @Test(
    "SHA-256 of known texts",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func known(text: String, hex: String) throws {
    let digest = Digest(of: Array(text.utf8))
    #expect(digest.hex == hex)
    #expect(Digest(hex: hex) == digest)
    #expect(Digest(hex: hex.uppercased()) == digest)
    #expect(Digest(bytes: digest.bytes) == digest)
    var hasher = ContentHasher()
    for byte in text.utf8 { hasher.update(CollectionOfOne(byte)) }
    #expect(hasher.finish() == digest)
  }

  @Test("Anything but 64 digits or 32 bytes is no digest")
  func refused() {
    let hex = Digest(of: []).hex
    #expect(Digest(hex: hex.dropLast()) == nil)
    #expect(Digest(hex: hex + "0") == nil)
    #expect(Digest(hex: hex.dropLast() + "g") == nil)
    #expect(Digest(bytes: Digest(of: []).bytes + [0]) == nil)
    #expect(Digest(bytes: Digest(of: []).bytes.dropLast()) == nil)
  }
}
