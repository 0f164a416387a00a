import Artifacts

/// A bundle on disk, read front to back: twice by an import, for nothing may be taken over before all was seen.
final class BundleFile {
  private static let blockSize = 1 << 20

  let bundle: LineageBundle
  let bytes: Int
  private let file: OpenFile
  var path: FilePath { file.path }
  private let start: Int
  private let head: [UInt8]

  /// Opens a bundle and checks its records.
  ///
  /// - Throws: `RetortError` for any file that is no whole bundle.
  init(_ path: FilePath) throws {
    file = try OpenFile(path, .reading)
    let status = try file.status()
    guard status.kind != .folder else { throw RetortError(.isDirectory, .read, path) }
    bytes = status.bytes
    let fixed = LineageBundle.magic.count + 4 + 8
    var head = try file.read(min(fixed, bytes), at: 0)
    guard head.count == fixed, head.starts(with: LineageBundle.magic) else {
      throw RetortError(
        "bundle.no-bundle", "This is no bundle of Retort's, or was cut off.", at: Place(file: path.string))
    }
    let version = Self.number(head[8..<12])
    guard version == UInt64(LineageBundle.version) else {
      throw RetortError(
        "bundle.newer", "The bundle has format \(version); this Retort reads format \(LineageBundle.version).",
        remedy: "Use the Retort that wrote it.", at: Place(file: path.string))
    }
    let length = Self.number(head[12..<20])
    guard length <= UInt64(LineageBundle.largestRecords), Int(length) <= bytes - fixed - Digest.byteCount else {
      throw RetortError.badBundle("it was cut off").located(Place(file: path.string))
    }
    let records = try file.read(Int(length), at: fixed)
    head += records
    self.head = head
    start = fixed + Int(length)
    do {
      bundle = try LineageBundle(records: records)
      try BundleCheck(bundle).run()
      guard let size = bundle.contentBytes, size == bytes - start - Digest.byteCount else {
        throw RetortError.badBundle("it was cut off, or bytes are left over")
      }
    } catch let error as RetortError where error.code == "recipe.unreadable" {
      throw RetortError.badBundle("a recipe in it cannot be read").located(Place(file: path.string))
    } catch let error as RetortError {
      throw error.located(Place(file: path.string))
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Reads every content, checks it against its digest and the whole against its seal.
  ///
  /// - Parameter open: is asked for each file of each content where its bytes go; nil for nowhere. The path is that within
  ///   a folder, and empty for a value.
  /// - Returns: the seal.
  @discardableResult
  func read(_ open: (_ digest: Digest, _ path: String) throws -> OpenFile? = { _, _ in nil }) throws -> Digest {
    do {
      var seal = ContentHasher()
      seal.update(head)
      var offset = start
      for piece in bundle.pieces {
        guard piece.content.form == .folder else {
          let digest = try copy(piece.content.bytes, from: &offset, to: try open(piece.digest, ""), &seal)
          guard digest == piece.digest else { throw RetortError.badBundle("a content is not that of its digest") }
          continue
        }
        for entry in try FolderManifest(encoded: piece.content.data).entries {
          guard let expected = entry.file else { continue }
          let digest = try copy(expected.bytes, from: &offset, to: try open(piece.digest, entry.path), &seal)
          guard digest == expected.digest else { throw RetortError.badBundle("a file is not that of its digest") }
        }
      }
      let found = seal.finish()
      guard Digest(bytes: try file.read(Digest.byteCount, at: offset)) == found else {
        throw RetortError.badBundle("its seal does not fit it")
      }
      return found
    } catch let error as RetortError {
      throw error.located(Place(file: file.path.string))
    }
  }

  private func copy(
    _ count: Int, from offset: inout Int, to target: OpenFile?, _ seal: inout ContentHasher
  ) throws -> Digest {
    var hasher = ContentHasher()
    var done = 0
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: min(Self.blockSize, max(count, 1)), alignment: 16)
    defer { block.deallocate() }
    while done < count {
      let wanted = UnsafeMutableRawBufferPointer(rebasing: block[..<min(block.count, count - done)])
      guard try file.read(into: wanted, at: offset) == wanted.count else {
        throw RetortError.badBundle("it was cut off")
      }
      let filled = UnsafeRawBufferPointer(wanted)
      hasher.update(filled)
      seal.update(filled)
      try target?.write(filled, at: done)
      done += filled.count
      offset += filled.count
    }
    return hasher.finish()
  }
}
