import Artifacts
import Foundation
import HubServer
import Synchronization

@testable import Models

/// A hub on this machine, a client that does not wait, and a folder to fetch into.
final class HubFixture: Sendable {
  // The digests are those of `git hash-object` and `sha256sum`.
  static let weights = FakeHub.File(
    (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) },
    digest: "d08928a168952dcd1f23061570816ee3b9d5c5c01ec65e00adbda68d328f4dbb")
  static let otherWeights = FakeHub.File(
    (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 5 &+ $0 >> 7) },
    digest: "a58ba05afa9c32ddacb066364cc62ac5bb413693e236843965156865bc61bb41")
  static let configuration = FakeHub.File(
    Array("{\"model_type\": \"bert\"}\n".utf8), digest: "dc1fb7b6703fe03317c1a080b523bf475f3d4818")
  static let vocabulary = FakeHub.File(
    Array("[PAD]\n[UNK]\n".utf8), digest: "9b63652e4599b6f141f83f77374ca035004e0c8f")
  static let longerVocabulary = FakeHub.File(
    Array("[PAD]\n[UNK]\nnew\n".utf8), digest: "ce0ec6c5c30f3b65efa1edceff071d8fbc83d929")
  static let empty = FakeHub.File([], digest: "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")

  static var content: FakeHub.Content {
    FakeHub.Content([
      "config.json": configuration, "model.safetensors": weights, "vocab.txt": vocabulary,
      "added_tokens.json": empty, "flax_model.msgpack": empty, "onnx/model.onnx": empty,
    ])
  }

  static let needed = ["added_tokens.json", "config.json", "model.safetensors", "vocab.txt"]
  static let repository = "owner/tiny"

  let hub: FakeHub
  let folder: FilePath
  private let naps = Mutex<[Double]>([])

  init(_ change: (inout FakeHub.Content) -> Void = { _ in }) throws {
    var content = Self.content
    change(&content)
    hub = try FakeHub(content)
    folder = FilePath(
      FileManager.default.temporaryDirectory.appendingPathComponent("retort-hub-\(UUID().uuidString)").path)
  }

  deinit { try? Files.remove(folder) }

  /// Seconds that clients would have slept.
  var slept: Double { naps.withLock { $0.reduce(0, +) } }

  func client(
    token: String? = nil, isOffline: Bool = false, attempts: Int = 4, patience: Int = 5, endpoint: String? = nil
  ) throws -> HubClient {
    let settings = HubSettings(
      endpoint: endpoint ?? hub.address, token: token, isOffline: isOffline, folder: folder.appending("cache"))
    return try HubClient(
      settings, transport: CurlTransport(patience: Double(patience)),
      patience: HubPatience(attempts: attempts) { [weak self] seconds in self?.naps.withLock { $0.append(seconds) } })
  }

  var target: FilePath { folder.appending("model") }

  @discardableResult
  func pull(
    _ revision: String = "main", by client: HubClient? = nil, isForced: Bool = false, isDry: Bool = false,
    progress: (HubProgress) throws -> Void = { _ in }
  ) throws -> HubReport {
    try (client ?? self.client()).pull(
      HubRepository(Self.repository), revision: revision, into: target, isForced: isForced, isDry: isDry,
      progress: progress)
  }

  /// The code of what a pull throws.
  func code(_ client: HubClient? = nil, revision: String = "main") -> String? {
    do {
      try pull(revision, by: client)
      return nil
    } catch {
      return (error as? RetortError)?.code.rawValue ?? "\(error)"
    }
  }

  /// The names in the folder, hidden ones too.
  func names() throws -> [String] { try Files.namesIfThere(in: target) }

  func bytes(_ name: String) throws -> [UInt8] { try Files.read(target.appending(name)) }

  /// Requests to where large files come from.
  var storageRequests: [LoopbackServer.Request] { hub.storage.requests }
}

extension LoopbackServer.Request {
  var isObject: Bool { path.hasPrefix("/objects/") }
}
