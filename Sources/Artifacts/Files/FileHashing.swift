extension Files {
  private static let blockSize = 1 << 20

  /// The digest and size of a file's content.
  public static func digest(of path: FilePath) throws -> (digest: Digest, bytes: Int) {
    try digest(of: OpenFile(path, .reading)) { _ in }
  }

  /// Copies a file, hashing what is read. The copy is not durable before it is synced.
  public static func copy(_ source: FilePath, to target: FilePath) throws -> (digest: Digest, bytes: Int) {
    let copy = try OpenFile(target, .replacing)
    var offset = 0
    return try digest(of: OpenFile(source, .reading)) { block in
      try copy.write(block, at: offset)
      offset += block.count
    }
  }

  static func digest(
    of file: OpenFile, reading use: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> (digest: Digest, bytes: Int) {
    guard try file.status().kind != .folder else { throw RetortError(.isDirectory, .read, file.path) }
    var hasher = ContentHasher()
    var offset = 0
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: blockSize, alignment: 16)
    defer { block.deallocate() }
    while true {
      let count = try file.read(into: block, at: offset)
      let filled = UnsafeRawBufferPointer(rebasing: block[..<count])
      hasher.update(filled)
      try use(filled)
      offset += count
      if count < block.count { return (hasher.finish(), offset) }
    }
  }
}
