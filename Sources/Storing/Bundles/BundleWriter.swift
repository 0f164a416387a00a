import Artifacts

/// Writes the bytes of a bundle and hashes them on the way.
struct BundleWriter {
  let file: OpenFile
  private(set) var offset = 0
  private var seal = ContentHasher()

  init(file: OpenFile) { self.file = file }

  mutating func write(_ bytes: [UInt8]) throws {
    try file.write(bytes, at: offset)
    seal.update(bytes)
    offset += bytes.count
  }

  /// Copies an object's file, which must be what was recorded.
  mutating func write(_ path: FilePath, _ expected: FolderManifest.File) throws {
    let source = try OpenFile(path, .reading)
    var hasher = ContentHasher()
    var done = 0
    while done < expected.bytes {
      let block = try source.read(min(1 << 20, expected.bytes - done), at: done)
      guard !block.isEmpty else { throw ObjectCheck.damage(path) }
      hasher.update(block)
      try write(block)
      done += block.count
    }
    guard hasher.finish() == expected.digest, try source.status().bytes == expected.bytes else {
      throw ObjectCheck.damage(path)
    }
  }

  mutating func finish() throws -> Digest {
    let digest = seal.finish()
    try file.write(digest.bytes, at: offset)
    offset += Digest.byteCount
    return digest
  }
}
