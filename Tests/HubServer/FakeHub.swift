import Foundation
import Synchronization

/// A hub with one model, which keeps to the protocol until a test makes it misbehave.
///
/// Small files come from the hub itself. Large ones are redirected to a second server, as real hubs do.
public final class FakeHub: Sendable {
  public struct File: Sendable {
    public var bytes: [UInt8]
    /// The SHA-256 of a large file, or git's name of a small one.
    public var digest: String
    public var isLarge: Bool { digest.utf8.count == 64 }

    public init(_ bytes: [UInt8], digest: String) { (self.bytes, self.digest) = (bytes, digest) }
  }

  public struct Content: Sendable {
    public var repository = "owner/tiny"
    public var commit = String(repeating: "a1", count: 20)
    public var branch = "main"
    public var files: [String: File] = [:]
    /// Whether the list states sizes and digests.
    public var isDetailed = true
    /// Asked first, with the number of earlier requests for the same path; nil for an honest answer.
    public var misbehaviour: (@Sendable (LoopbackServer.Request, Int) -> [LoopbackServer.Step]?)?

    public init(_ files: [String: File]) { self.files = files }
  }

  private final class Shared: Sendable {
    let content: Mutex<Content>
    let counts = Mutex<[String: Int]>([:])
    init(_ content: Content) { self.content = Mutex(content) }

    func count(_ key: String) -> Int {
      counts.withLock { counts in
        counts[key, default: 0] += 1
        return (counts[key] ?? 1) - 1
      }
    }
  }

  private let shared: Shared
  public let hub: LoopbackServer
  /// Where large files come from.
  public let storage: LoopbackServer

  public init(_ content: Content) throws {
    let shared = Shared(content)
    self.shared = shared
    storage = try LoopbackServer { request in
      let content = shared.content.withLock { $0 }
      if let steps = content.misbehaviour?(request, shared.count("storage \(request.path)")) { return steps }
      guard let file = content.files.values.first(where: { request.path == "/objects/\($0.digest)" }) else {
        return .answer(404)
      }
      return Self.send(file, request, headers: ["ETag": "\"of-the-storage\""])
    }
    let storageAddress = storage.address
    hub = try LoopbackServer { request in
      let content = shared.content.withLock { $0 }
      if let steps = content.misbehaviour?(request, shared.count("hub \(request.method) \(request.path)")) {
        return steps
      }
      return Self.answer(request, content, storageAddress)
    }
  }

  /// Changes what the hub holds or how it behaves.
  public func change(_ body: (inout Content) -> Void) {
    shared.content.withLock { body(&$0) }
    shared.counts.withLock { $0 = [:] }
  }

  public var address: String { hub.address }

  private static func answer(
    _ request: LoopbackServer.Request, _ content: Content, _ storage: String
  ) -> [LoopbackServer.Step] {
    let lists = [content.branch, content.commit].map { "/api/models/\(content.repository)/revision/\($0)" }
    if lists.contains(request.path) { return .answer(200, Array(list(content).utf8)) }
    guard
      request.path.hasPrefix("/api/models/\(content.repository)/") || request.path.hasPrefix("/\(content.repository)/")
    else { return .answer(404, headers: ["X-Error-Code": "RepoNotFound"]) }
    if request.path.hasPrefix("/api/") { return .answer(404, headers: ["X-Error-Code": "RevisionNotFound"]) }
    let prefix = "/\(content.repository)/resolve/\(content.commit)/"
    guard request.path.hasPrefix(prefix), let file = content.files[String(request.path.dropFirst(prefix.count))] else {
      return .answer(404, headers: ["X-Error-Code": "EntryNotFound"])
    }
    let commit = ["X-Repo-Commit": content.commit]
    guard file.isLarge else {
      return send(file, request, headers: commit.merging(["ETag": "\"\(file.digest)\""]) { $1 })
    }
    return .answer(
      302,
      headers: commit.merging([
        "Location": "\(storage)/objects/\(file.digest)", "X-Linked-Size": "\(file.bytes.count)",
        "X-Linked-Etag": "\"\(file.digest)\"",
      ]) { $1 }, isHead: request.method == "HEAD")
  }

  /// A file, or the rest of it that a `Range` asks for.
  public static func send(
    _ file: File, _ request: LoopbackServer.Request, headers: [String: String] = [:]
  ) -> [LoopbackServer.Step] {
    guard let first = request.firstByte else {
      return request.method == "HEAD"
        ? .answer(200, headers: headers.merging(["Content-Length": "\(file.bytes.count)"]) { $1 }, isHead: true)
        : .answer(200, headers: headers, file.bytes)
    }
    guard first < file.bytes.count else {
      return .answer(416, headers: ["Content-Range": "bytes */\(file.bytes.count)"])
    }
    let range = "bytes \(first)-\(file.bytes.count - 1)/\(file.bytes.count)"
    return .answer(206, headers: headers.merging(["Content-Range": range]) { $1 }, Array(file.bytes[first...]))
  }

  private static func list(_ content: Content) -> String {
    let files = content.files.sorted { $0.key < $1.key }.map { name, file in
      let details =
        !content.isDetailed
        ? ""
        : file.isLarge
          ? ", \"size\": \(file.bytes.count), \"lfs\": {\"sha256\": \"\(file.digest)\", \"size\": \(file.bytes.count), \"pointerSize\": 134}"
          : ", \"size\": \(file.bytes.count), \"blobId\": \"\(file.digest)\""
      return "{\"rfilename\": \"\(name)\"\(details)}"
    }
    return
      "{\"id\": \"\(content.repository)\", \"sha\": \"\(content.commit)\", \"siblings\": [\(files.joined(separator: ", "))]}"
  }
}
