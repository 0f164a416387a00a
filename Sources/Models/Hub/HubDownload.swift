import Artifacts

extension HubClient {
  /// Fetches a file, verifies it, and puts it at `target` as a whole.
  ///
  /// What arrives goes to a file beside the target that bears the expected digest in its name, so that a later call, of this
  /// process or another, goes on where this one stopped. A file that is complete and wrong is discarded.
  ///
  /// - Parameter progress: called with the bytes that are there; what it throws ends the download.
  /// - Throws: what `snapshot` throws, `hub.no-file`, `hub.length`, `hub.digest`, errors of writing.
  func download(
    _ file: HubFile, bytes: Int, digest: HubDigest, of snapshot: HubSnapshot, to target: FilePath,
    progress: (Int) throws -> Void
  ) throws {
    let partial = Self.partial(of: target, digest)
    guard let lock = try ByteLock.attempt(.exclusive, of: partial, at: 0) else {
      throw refusal(
        "hub.taken", "Another process fetches this file to the same place.", at: target.string,
        remedy: "Wait for it, then run again.")
    }
    // The file moves with its lock: whoever locks it after that opens the path anew, and writes to another file.
    defer { withExtendedLifetime(lock) {} }
    let arrival = try HubArrival(name: file.name, expected: bytes, file: OpenFile(partial, .updating))
    var wasResumed = arrival.bytes > 0
    let address = try url(of: file, snapshot)
    while true {
      try trying(file.name, check: { try progress(arrival.bytes) }) { hasProgress in
        let before = arrival.bytes
        defer { hasProgress = arrival.bytes - before >= 1 << 20 }
        guard !arrival.isComplete else { return }
        let headers = arrival.bytes > 0 ? ["Range": "bytes=\(arrival.bytes)-"] : [:]
        let head = try exchange(.get, address, headers: headers) { event in
          try progress(arrival.bytes)
          switch event {
          case .idle: return true
          case .head(let head):
            try require(snapshot.commit, head)
            return try arrival.begin(head)
          case .body(let bytes):
            try arrival.append(bytes)
            return true
          }
        }
        if head.status == 416 { throw HubRetry(failure: arrival.wrongLength("it refuses to go on"), seconds: 0) }
        try requireSuccess(head, of: snapshot.repository, revision: snapshot.revision, file: file.name)
        try arrival.end()
      }
      if try digest.matches(partial) { break }
      try arrival.discard()
      guard wasResumed else {
        try Files.remove(partial)
        throw refusal(
          "hub.digest", "What arrived has another digest than the hub states (\(digest.description.prefix(12))…).",
          at: file.name, remedy: "It was discarded. Run again; if it comes back, something on the way changes files.")
      }
      wasResumed = false
    }
    try arrival.file.sync()
    try Files.rename(partial, to: target)
    try progress(bytes)
  }

  private static let suffix = ".incomplete"

  private static func partial(of target: FilePath, _ digest: HubDigest) -> FilePath {
    let name = target.lastComponent?.string ?? "file"
    return target.removingLastComponent().appending(".\(name).\(digest.description.prefix(16))\(suffix)")
  }

  /// Whether a file is what a download left behind.
  static func isPartial(_ name: String) -> Bool { name.hasPrefix(".") && name.hasSuffix(suffix) }
}

/// A file that arrives in pieces, over one connection or several.
private final class HubArrival {
  let name: String
  let expected: Int
  let file: OpenFile
  private(set) var bytes = 0

  /// Goes on with what an earlier download left in the file.
  init(name: String, expected: Int, file: OpenFile) throws {
    (self.name, self.expected, self.file) = (name, expected, file)
    bytes = try file.status().bytes
    if bytes > expected { try discard() }
  }

  var isComplete: Bool { bytes == expected }

  func discard() throws {
    try file.truncate(to: 0)
    bytes = 0
  }

  /// Compares what a server announces with what is expected; false where the body is of no use.
  func begin(_ head: HubResponse) throws -> Bool {
    // To a 200 it ignores the range and sends all.
    let first = head.status == 200 ? 0 : bytes
    switch head.status {
    case 200: break
    case 206:
      guard let range = Self.range(head["Content-Range"]), bytes > 0, range.first == bytes,
        range.total.map({ $0 == expected }) ?? true
      else {
        try discard()
        throw retry("it sends another part than was asked for")
      }
    case 416:
      try discard()
      return false
    default: return false
    }
    if let announced = head["Content-Length"].flatMap({ Int($0) }), announced != expected - first {
      throw retry("it announces \(announced) bytes instead of \(expected - first)")
    }
    // What was kept gives way to what can be the file alone.
    if first < bytes { try discard() }
    return true
  }

  func append(_ piece: [UInt8]) throws {
    guard piece.count <= expected - bytes else {
      try discard()
      throw retry("it sends more than \(expected) bytes")
    }
    try file.write(piece, at: bytes)
    bytes += piece.count
  }

  func end() throws {
    if bytes < expected { throw retry("it ended after \(bytes) of \(expected) bytes") }
  }

  private func retry(_ why: String) -> HubRetry { HubRetry(failure: wrongLength(why), seconds: nil) }

  func wrongLength(_ why: String) -> RetortError {
    RetortError(
      "hub.length", "The file does not arrive: \(why).", remedy: "Run again; what has arrived is kept.",
      at: Place(file: name), blame: .environment, isTransient: true)
  }

  /// The first byte and the whole length of `bytes 5-9/10`; nil for anything else.
  private static func range(_ text: String?) -> (first: Int, total: Int?)? {
    guard let match = text?.wholeMatch(of: /bytes ([0-9]{1,18})-[0-9]{1,18}\/([0-9]{1,18}|\*)/),
      let first = Int(match.1)
    else { return nil }
    return (first, Int(match.2))
  }
}
