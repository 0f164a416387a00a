import Artifacts
import Foundation
import Synchronization
import Testing

@testable import Models

/// Answers requests without a network.
final class ScriptedTransport: HubTransport {
  private let answer: @Sendable (HubRequest) -> HubResponse
  private let log = Mutex<[HubRequest]>([])

  init(_ answer: @escaping @Sendable (HubRequest) -> HubResponse) { self.answer = answer }

  var requests: [HubRequest] { log.withLock { $0 } }

  func send(_ request: HubRequest, receive: (HubEvent) throws -> Bool) throws {
    log.withLock { $0.append(request) }
    _ = try receive(.head(answer(request)))
  }
}

/// Names, addresses, variables, and answers of any form.
struct HubFormTests {
  @Test(arguments: ["bert", "owner/bert-base.v2", "a/b_c", "Owner9/x--"])
  func names(name: String) throws {
    if name.hasSuffix("--") {
      #expect(throws: RetortError.self) { try HubRepository(name) }
    } else {
      #expect(try HubRepository(name).description == name)
    }
  }

  @Test(arguments: [
    "", "/", "a/", "/b", "a/b/c", "a b", "a/..", "a/b..c", "a/-b", ".a/b", "a/b.git", "a/b?x", "a/b%2F", "a/ä",
    "a--b/c",
  ])
  func wrongNames(name: String) { #expect(throws: RetortError.self) { try HubRepository(name) } }

  @Test func revisions() throws {
    let plain = try HubRepository.parse("owner/name")
    #expect(plain.revision == "main" && plain.repository.name == "name")
    #expect(try HubRepository.parse("owner/name@refs/pr/1").revision == "refs/pr/1")
    for wrong in ["owner/name@", "owner/name@a b", "owner/name@..", "owner/name@-x", "owner/name@a\n"] {
      #expect(throws: RetortError.self) { try HubRepository.parse(wrong) }
    }
    #expect(HubRepository.isCommit(String(repeating: "0f", count: 20)))
    #expect(!HubRepository.isCommit(String(repeating: "0F", count: 20)) && !HubRepository.isCommit("main"))
    #expect(HubURL.escaped("refs/pr/1 ä") == "refs%2Fpr%2F1%20%C3%A4")
  }

  @Test func addresses() throws {
    let url = try #require(HubURL("https://Hub.example:8443/a/b?c=d#e"))
    #expect(url.host == "hub.example" && url.port == 8443 && url.text.hasSuffix("?c=d"))
    #expect(url.following("/x")?.text == "https://Hub.example:8443/x")
    #expect(url.following("x")?.text == "https://Hub.example:8443/a/x")
    #expect(url.following("//other/x")?.text == "https://other/x")
    #expect(url.following("http://other/x")?.scheme == "http")
    #expect(url.following("/x?next=https://other/y")?.text == "https://Hub.example:8443/x?next=https://other/y")
    #expect(url.following("x?next=https://other/y")?.host == "hub.example" && url.following("ftp://other/x") == nil)
    #expect(!url.isSameOrigin(as: try #require(HubURL("https://hub.example/a"))))
    #expect(HubURL("https://a")?.isSameOrigin(as: try #require(HubURL("https://A:443/x"))) == true)
    for wrong in [
      "", "ftp://a/b", "https://", "https://user@a/", "https://a:0/", "https://a:x/", "https://a/ b", "a/b",
    ] {
      #expect(HubURL(wrong) == nil, "\(wrong)")
    }
    #expect(HubURL("http://127.0.0.1:99")?.isPrivate == true && HubURL("http://localhost")?.isPrivate == true)
    #expect(HubURL("http://127.evil.example")?.isPrivate == false && HubURL("http://a")?.isPrivate == false)
  }

  @Test func variables() throws {
    let folder = FilePath(
      FileManager.default.temporaryDirectory.appendingPathComponent("retort-token-\(UUID().uuidString)").path)
    defer { try? Files.remove(folder) }
    try Files.makeFolder(folder)
    try Files.replace(folder.appending("token"), with: Array("from-file\n".utf8))
    let home = folder.string
    func settings(_ variables: [String: String]) throws -> HubSettings {
      try HubSettings(environment: variables.merging(["HOME": "/home/nobody"]) { own, _ in own })
    }
    #expect(try settings([:]).endpoint == "https://huggingface.co")
    #expect(try settings([:]).token == nil)
    #expect(try settings([:]).folder == "/home/nobody/.cache/retort/hub")
    #expect(try settings(["XDG_CACHE_HOME": "/c"]).folder == "/c/retort/hub")
    #expect(try settings(["RETORT_HUB_CACHE": "/h"]).folder == "/h")
    #expect(try settings(["HF_ENDPOINT": "http://mirror/ "]).endpoint == "http://mirror")
    #expect(throws: RetortError.self) { try settings(["HF_ENDPOINT": "mirror"]) }
    #expect(try settings(["HF_HOME": home]).token == "from-file")
    #expect(try settings(["HF_TOKEN_PATH": home + "/token"]).token == "from-file")
    #expect(try settings(["HF_HOME": home, "HF_TOKEN": " given "]).token == "given")
    #expect(try settings(["HF_HOME": home, "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"]).token == nil)
    #expect(try settings(["HF_HUB_OFFLINE": "yes"]).isOffline && !settings(["HF_HUB_OFFLINE": "0"]).isOffline)
    #expect(try !settings(["HF_HUB_DISABLE_PROGRESS_BARS": "ON"]).showsProgress)
    #expect(try settings([:]).certificates == nil)
    #expect(try settings(["SSL_CERT_FILE": "/a", "CURL_CA_BUNDLE": "/b"]).certificates == "/b")
  }

  @Test func gitNames() throws {
    let path = FilePath(
      FileManager.default.temporaryDirectory.appendingPathComponent("retort-blob-\(UUID().uuidString)").path)
    defer { try? Files.remove(path) }
    // `echo hello | git hash-object --stdin`
    try Files.replace(path, with: Array("hello\n".utf8))
    #expect(try Files.gitName(of: path).hex == "ce013625030ba8dba906f756967f9e9ca394464a")
    try Files.replace(path, with: [])
    #expect(try Files.gitName(of: path).hex == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
    #expect(HubDigest(tag: "W/\"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\"") != nil)
    for wrong in ["", "\"", "\"\"", "W/", "e69d", "\"E69DE29BB2D1D6434B8B29AE775AD8C2E48C5391\""] {
      #expect(HubDigest(tag: wrong) == nil)
    }
  }

  @Test func waits() throws {
    #expect(HubPatience.seconds("12") == 12 && HubPatience.seconds("-1") == nil && HubPatience.seconds("soon") == nil)
    let now = Date(timeIntervalSince1970: 1_445_412_480)
    // RFC 9110's example of a date.
    #expect(HubPatience.seconds("Wed, 21 Oct 2015 07:28:30 GMT", now: now) == 30)
    #expect(HubPatience.seconds("Wed, 21 Oct 2015 07:27:00 GMT", now: now) == 0)
    #expect(
      HubPatience.seconds(" Thu, 29 Feb 2024 00:00:00 GMT ", now: Date(timeIntervalSince1970: 1_709_164_799)) == 1)
    for wrong in [
      "", "Wed, 21 Oct 2015", "Wed, 21 Okt 2015 07:28:30 GMT", "Wed, 21 Oct 2015 24:00:00 GMT",
      "Wed 21 Oct 2015 07:28:30 GMT",
      "Wed, 21 Oct 2015 07:28 GMT",
      "Wed, 21 Oct 2015 07:x:28:30 GMT", "Wed, 0 Oct 2015 07:28:30 GMT",
      "Wed, 21 Oct 99999999999 07:28:30 GMT",
    ] { #expect(HubPatience.seconds(wrong, now: now) == nil, "\(wrong)") }
    let patience = HubPatience(first: 1, longest: 5) { _ in }
    #expect((1...5).map(patience.wait) == [1, 2, 4, 5, 5])
  }

  @Test func answersOfAnyForm() throws {
    let repository = try HubRepository("owner/tiny")
    let sample = Array(
      """
      {"id": "owner/tiny", "sha": "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1", "siblings": [{"rfilename": "config.json", \
      "size": 23, "blobId": "dc1fb7b6703fe03317c1a080b523bf475f3d4818"}, {"rfilename": "model.safetensors", "size": 3, \
      "lfs": {"sha256": "d08928a168952dcd1f23061570816ee3b9d5c5c01ec65e00adbda68d328f4dbb", "size": 300000}}]}
      """.utf8)
    let whole = try HubSnapshot(repository, revision: "main", answer: sample)
    #expect(whole.files.map(\.bytes) == [23, 300_000] && whole.files.allSatisfy { $0.digest != nil })
    var random = SystemRandomNumberGenerator()
    var sound = 0
    for _ in 0..<fuzzCount {
      var bytes = sample
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        guard !bytes.isEmpty else { break }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(Array("\"{}[],:09-eE\\".utf8).randomElement(using: &random) ?? 0, at: place)
        default: bytes = Array(bytes[..<max(1, place)])
        }
      }
      if let snapshot = try? HubSnapshot(repository, revision: "main", answer: bytes) {
        sound += 1
        _ = try? HubSelection.needed(snapshot)
      }
      let text = String(decoding: bytes.prefix(40), as: UTF8.self)
      _ = HubURL(text)?.following(text)
      _ = HubURL("https://a/b/c")?.following(text)
      _ = HubPatience.seconds(String(text.prefix(12)))
    }
    #expect(sound < fuzzCount)
  }

  /// Inputs of a parser: more where the environment asks for them.
  private var fuzzCount: Int { ProcessInfo.processInfo.environment["RETORT_FUZZ"].flatMap { Int($0) } ?? 3000 }
}
