import Artifacts

/// A file that the system refuses to open or read.
func unreadable(_ file: String, _ error: Errno) -> RetortError {
  if error == .noSuchFileOrDirectory { return refusal("file.missing", "There is no such file.", at: file) }
  if error == .isDirectory { return refusal("file.unreadable", "It is a folder, not a file.", at: file) }
  return trouble("file.unreadable", "It cannot be read: \(error).", at: file)
}

/// A file that the system refuses to write.
func unwritable(_ file: String, _ error: Errno) -> RetortError {
  trouble(
    "file.unwritable", "It cannot be written: \(error).", at: file,
    remedy: error == .noSpace ? "Make room on the disk." : "Check the folder and its permissions.")
}

extension FileDescriptor {
  /// Opens a file for reading; no child process inherits it.
  static func opening(_ path: FilePath) throws -> FileDescriptor {
    do {
      return try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
    } catch {
      throw (error as? Errno).map { unreadable(path.string, $0) } ?? error
    }
  }

  /// Reads exactly `count` bytes from an offset.
  ///
  /// - Throws: `file.unreadable`, `file.truncated`.
  func bytes(at offset: Int, count: Int, file: String) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      try fill(.init(rebasing: UnsafeMutableRawBufferPointer(buffer)[0..<count]), from: offset, file: file)
      initialized = count
    }
  }

  /// Fills memory with the bytes from an offset on.
  ///
  /// - Throws: `file.unreadable`, `file.truncated`.
  func fill(_ target: UnsafeMutableRawBufferPointer, from offset: Int, file: String) throws {
    var done = 0
    while done < target.count {
      let piece = UnsafeMutableRawBufferPointer(rebasing: target[done...])
      let count: Int
      do {
        count = try read(fromAbsoluteOffset: Int64(offset + done), into: piece)
      } catch {
        throw (error as? Errno).map { unreadable(file, $0) } ?? error
      }
      guard count > 0 else {
        throw refusal(
          "file.truncated", "It ends at byte \(offset + done), earlier than it did when it was opened.", at: file)
      }
      done += count
    }
  }
}

/// Reads a whole file of at most `limit` bytes.
///
/// - Throws: `file.missing`, `file.unreadable`, `file.tooLarge`.
func contents(of path: FilePath, limit: Int = 1 << 30) throws -> [UInt8] {
  let descriptor = try FileDescriptor.opening(path)
  defer { try? descriptor.close() }
  do {
    let size = Int(try descriptor.seek(offset: 0, from: .end))
    guard size <= limit else {
      throw refusal("file.tooLarge", "It has \(size) bytes; at most \(limit) are read.", at: path.string)
    }
    return try descriptor.bytes(at: 0, count: size, file: path.string)
  } catch let error as Errno {
    throw unreadable(path.string, error)
  }
}

/// Writes a whole file, replacing what was there.
///
/// - Throws: `file.unwritable`.
func write(_ bytes: some Sequence<UInt8>, to path: FilePath) throws {
  do {
    let descriptor = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate, .closeOnExec],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
    try descriptor.closeAfter { _ = try descriptor.writeAll(bytes) }
  } catch let error as Errno {
    throw unwritable(path.string, error)
  }
}

/// Whether a path leads to something that can be opened.
func fileExists(_ path: FilePath) -> Bool {
  guard let descriptor = try? FileDescriptor.opening(path) else { return false }
  try? descriptor.close()
  return true
}

/// Reads a JSON file whose document is an object.
///
/// - Parameter code: The code of the error for a text that is none.
/// - Throws: `file.missing`, `file.unreadable`, and an error of that code, with the line.
func readJSON(_ path: FilePath, code: String) throws -> JSONValue {
  let bytes = try contents(of: path, limit: 1 << 28)
  do throws(JSONFault) {
    let document = try JSONValue(parsing: bytes)
    guard case .object = document else { throw JSONFault(reason: "the document is no object", offset: 0) }
    return document
  } catch {
    let line = bytes.prefix(error.offset).reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
    throw refusal(code, "It is no valid JSON: \(error.reason).", at: path.string, line: line)
  }
}
