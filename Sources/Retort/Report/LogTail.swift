import Artifacts

/// The end of a log.
package enum LogTail {
  /// The last lines of a file; none where it cannot be read. Control characters are left out.
  package static func read(_ path: FilePath, lines count: Int) -> [String] {
    guard let file = FileEnd(path) else { return [] }
    let text = file.tail(bytes: 64 * 1024)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: true).suffix(count)
    return lines.map { line in
      String(line.split(separator: "\r").last ?? "").filter { !$0.isASCII || $0 == "\t" || ($0.asciiValue ?? 0) >= 32 }
    }
  }
}

/// Reads the end of a file without reading all of it.
private struct FileEnd {
  let descriptor: FileDescriptor

  init?(_ path: FilePath) {
    guard let descriptor = try? FileDescriptor.open(path, .readOnly) else { return nil }
    self.descriptor = descriptor
  }

  func tail(bytes limit: Int) -> String {
    defer { try? descriptor.close() }
    guard let size = try? descriptor.seek(offset: 0, from: .end) else { return "" }
    let start = max(0, size - Int64(limit))
    var buffer = [UInt8](repeating: 0, count: Int(size - start))
    let count = (try? buffer.withUnsafeMutableBytes { try descriptor.read(fromAbsoluteOffset: start, into: $0) }) ?? 0
    let text = String(decoding: buffer.prefix(count), as: UTF8.self)
    // The first line is likely cut.
    return start > 0 ? String(text.drop { $0 != "\n" }) : text
  }
}
