import Foundation
import HubServer
import Testing

@Suite("retort pull, against a hub on this machine")
struct PullTests {
  // Digests of `sha256sum` and `git hash-object`.
  static let weights = FakeHub.File(
    (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) },
    digest: "d08928a168952dcd1f23061570816ee3b9d5c5c01ec65e00adbda68d328f4dbb")
  static let files = [
    "config.json": FakeHub.File(
      Array("{\"model_type\": \"bert\"}\n".utf8), digest: "dc1fb7b6703fe03317c1a080b523bf475f3d4818"),
    "vocab.txt": FakeHub.File(Array("[PAD]\n[UNK]\n".utf8), digest: "9b63652e4599b6f141f83f77374ca035004e0c8f"),
    "model.safetensors": weights,
  ]

  let folder: TemporaryFolder
  let hub: FakeHub
  var retort: BuiltProgram

  init() throws {
    folder = try TemporaryFolder("pull")
    hub = try FakeHub(FakeHub.Content(Self.files))
    retort = BuiltProgram("retort", in: folder.url)
    retort.environment = [
      "HF_ENDPOINT": hub.address, "HF_TOKEN": "secret", "HF_HOME": folder.url.path, "HF_HUB_OFFLINE": "0",
      "RETORT_HUB_CACHE": folder.url.appending(path: "hub").path,
      // What is on this machine is not asked for through a proxy, which would see the token.
      "http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1", "NO_PROXY": "", "no_proxy": "",
    ]
  }

  private func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.url.appending(path: "models/tiny").appending(path: name)))
  }

  private func names() -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.url.appending(path: "models/tiny").path)) ?? []
  }

  @Test func fetchesOnceAndSaysWhatItDid() throws {
    let dry = try retort.run(["pull", "owner/tiny", "--dry-run"])
    #expect(dry.status == 0 && dry.output.contains("Would fetch") && dry.output.contains("model.safetensors"))
    #expect(names().isEmpty)
    let first = try retort.run(["pull", "owner/tiny"])
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output.contains("Fetched owner/tiny@a1a1a1a1a1a1 into models/tiny: 3 files, 300 kB."))
    #expect(first.errors.contains("fetching model.safetensors"))
    for (name, file) in Self.files { #expect(try bytes(name) == file.bytes) }
    let again = try retort.run(["pull", "owner/tiny", "--json"])
    #expect(again.status == 0 && again.errors.isEmpty && again.lines.count == 1)
    let report = try JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any]
    #expect(report?["up_to_date"] as? Bool == true)
    #expect(report?["commit"] as? String == String(repeating: "a1", count: 20))
    #expect(hub.storage.requests.count == 1)
    #expect(hub.storage.requests.allSatisfy { $0.headers["authorization"] == nil })
    #expect(hub.hub.requests.allSatisfy { $0.headers["authorization"] == "Bearer secret" })
  }

  @Test func aKilledPullGoesOnWhereItStopped() throws {
    hub.change {
      $0.misbehaviour = { request, count in
        guard request.path.hasPrefix("/objects/"), count == 0 else { return nil }
        return [
          .text("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n"), .bytes(Array(Self.weights.bytes[..<100_000])),
          .wait(seconds: 20),
        ]
      }
    }
    let target = folder.url.appending(path: "models/tiny")
    let killed = try retort.run(
      ["pull", "owner/tiny"],
      kill: .init(seconds: 0) { _ in
        let partial = names().first { $0.hasSuffix(".incomplete") && $0.hasPrefix(".model") }
        let path = partial.map { target.appending(path: $0).path } ?? ""
        return (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0 == 100_000
      })
    #expect(killed.wasKilled && !names().contains("model.safetensors"))
    let second = try retort.run(["pull", "owner/tiny"])
    #expect(second.status == 0, "\(second.errors)")
    #expect(try bytes("model.safetensors") == Self.weights.bytes)
    #expect(hub.storage.requests.map(\.firstByte) == [nil, 100_000])
    #expect(!names().contains { $0.hasSuffix(".incomplete") })
  }

  @Test func refusalsNameWhatHelps() throws {
    hub.change { $0.misbehaviour = { _, _ in .answer(401) } }
    let refused = try retort.run(["pull", "owner/tiny"])
    #expect(refused.status == 1 && refused.output.isEmpty)
    #expect(refused.errors.contains("HF_TOKEN") && !refused.errors.contains("secret"))
    let wrong = try retort.run(["pull", "not a name"])
    #expect(wrong.status != 0 && wrong.errors.contains("OWNER/NAME"))
    var offline = retort
    offline.environment["HF_HUB_OFFLINE"] = "1"
    let away = try offline.run(["pull", "owner/tiny"])
    #expect(away.status != 0 && away.errors.contains("HF_HUB_OFFLINE"))
  }
}
