import Artifacts

/// A file of an attempt's folder that is written piece by piece; the store makes it durable when it publishes it.
final class StreamedFile {
  private static let chunk = 1 << 20
  private let file: OpenFile
  private var pending: [UInt8] = []
  private var written = 0

  /// - Throws: `file.read-only`, `disk.full` and the like.
  init(_ path: FilePath) throws { file = try OpenFile(path, .replacing) }

  /// Lets `write` append bytes.
  func append(_ write: (inout [UInt8]) -> Void) throws {
    write(&pending)
    if pending.count >= Self.chunk { try flush() }
  }

  /// Writes what is pending: call it last.
  func flush() throws {
    try file.write(pending, at: written)
    written += pending.count
    pending.removeAll(keepingCapacity: true)
  }
}
