import Artifacts
import Foundation
import HubServer
import Testing

@testable import Models

/// What a pull fetches, keeps and refuses to replace, from a hub that behaves.
struct HubPullTests {
  @Test func fetchesWhatAModelNeedsAndVerifiesIt() throws {
    let fixture = try HubFixture()
    var seen: [HubProgress] = []
    let report = try fixture.pull(progress: { seen.append($0) })
    #expect(report.files.map(\.name) == HubFixture.needed && report.commit == HubFixture.content.commit)
    #expect(try fixture.names() == [HubManifest.name] + HubFixture.needed)
    #expect(try fixture.bytes("model.safetensors") == HubFixture.weights.bytes)
    #expect(try fixture.bytes("vocab.txt") == HubFixture.vocabulary.bytes)
    #expect(seen.last?.done == report.bytes && seen.last?.total == report.bytes)
    // Large files came from the other server.
    #expect(fixture.storageRequests.count == 1)
  }

  @Test func theTokenGoesToTheHubAlone() throws {
    let fixture = try HubFixture { $0.isDetailed = false }
    try fixture.pull(by: fixture.client(token: "secret"))
    let hub = fixture.hub.hub.requests
    #expect(hub.count > 4 && hub.allSatisfy { $0.headers["authorization"] == "Bearer secret" })
    #expect(!fixture.storageRequests.isEmpty)
    #expect(fixture.storageRequests.allSatisfy { $0.headers["authorization"] == nil && $0.headers["cookie"] == nil })
  }

  @Test func aSecondPullAsksForTheCommitOnly() throws {
    let fixture = try HubFixture()
    let first = try fixture.pull()
    let count = fixture.hub.hub.requests.count
    #expect(try fixture.pull().isUpToDate)
    #expect(fixture.hub.hub.requests.count == count + 1)
    // A commit never means anything else.
    #expect(try fixture.pull(first.commit, by: fixture.client(isOffline: true)).isUpToDate)
    #expect(fixture.hub.hub.requests.count == count + 1)
    #expect(fixture.code(try fixture.client(isOffline: true)) == "hub.offline")
  }

  @Test func aHubNeedNotDescribeItsFilesInTheList() throws {
    let fixture = try HubFixture { $0.isDetailed = false }
    let report = try fixture.pull()
    #expect(report.files.first { $0.name == "model.safetensors" }?.bytes == 300_000)
    #expect(try fixture.bytes("model.safetensors") == HubFixture.weights.bytes)
    #expect(fixture.hub.hub.requests.count { $0.method == "HEAD" } == HubFixture.needed.count)
  }

  @Test func aDryPullWritesNothing() throws {
    let fixture = try HubFixture()
    let report = try fixture.pull(isDry: true)
    #expect(report.files.filter(\.isFetched).map(\.name) == HubFixture.needed)
    #expect(try fixture.names() == [])
  }

  @Test func anotherCommitReplacesWhatAPullWrote() throws {
    let fixture = try HubFixture()
    try fixture.pull()
    fixture.hub.change {
      $0.commit = String(repeating: "b2", count: 20)
      $0.files["vocab.txt"] = HubFixture.longerVocabulary
      $0.files["added_tokens.json"] = nil
    }
    let report = try fixture.pull()
    #expect(report.files.filter(\.isFetched).map(\.name) == ["vocab.txt"])
    #expect(try fixture.bytes("vocab.txt") == HubFixture.longerVocabulary.bytes)
    #expect(try fixture.names() == [HubManifest.name, "config.json", "model.safetensors", "vocab.txt"])
  }

  @Test func filesOfTheUsersStay() throws {
    let fixture = try HubFixture()
    try Files.makeFolder(fixture.target)
    try Files.replace(fixture.target.appending("vocab.txt"), with: Array("mine".utf8))
    #expect(fixture.code() == "hub.foreign-file")
    #expect(try fixture.names() == ["vocab.txt"])
    try fixture.pull(isForced: true)
    #expect(try fixture.bytes("vocab.txt") == HubFixture.vocabulary.bytes)
    // An edit of a fetched file is the user's, too.
    try Files.replace(fixture.target.appending("config.json"), with: Array("{}".utf8))
    #expect(fixture.code() == "hub.foreign-file")
    // A file that is right already needs no right.
    try Files.replace(fixture.target.appending("config.json"), with: HubFixture.configuration.bytes)
    try Files.remove(fixture.target.appending(HubManifest.name))
    #expect(try fixture.pull().files.allSatisfy { !$0.isFetched })
  }

  @Test func shardsComeWithTheirIndex() throws {
    let fixture = try HubFixture {
      $0.files["model.safetensors"] = nil
      for name in [
        "model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
      ] {
        $0.files[name] = HubFixture.vocabulary
      }
      $0.files["model-one-of-two.safetensors"] = HubFixture.vocabulary
      $0.files["../model-00003-of-00002.safetensors"] = HubFixture.vocabulary
      $0.files["/model-00003-of-00002.safetensors"] = HubFixture.vocabulary
    }
    let names = try fixture.pull().files.map(\.name)
    #expect(
      names == [
        "added_tokens.json", "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json", "vocab.txt",
      ])
  }

  @Test func picklesAreRefusedWithTheLineThatHelps() throws {
    let fixture = try HubFixture {
      $0.files["model.safetensors"] = nil
      $0.files["pytorch_model.bin"] = HubFixture.weights
    }
    let error = #expect(throws: RetortError.self) { try fixture.pull() }
    #expect(error?.code == "model.pickle")
    #expect(error?.remedy.contains("AutoModel.from_pretrained('owner/tiny').save_pretrained('models/tiny'") == true)
    #expect(try fixture.names() == [])
    fixture.hub.change { $0.files["pytorch_model.bin"] = nil }
    #expect(fixture.code() == "hub.no-weights")
    fixture.hub.change { $0.files["config.json"] = nil }
    #expect(fixture.code() == "hub.no-configuration")
  }

  @Test func aMovingRevisionIsRememberedForPipelines() throws {
    let fixture = try HubFixture()
    let repository = try HubRepository(HubFixture.repository)
    let cache = HubCache(try fixture.client())
    let commit = HubFixture.content.commit
    #expect(try cache.commit(of: repository, revision: "main") == commit)
    let folder = try #require(try cache.configuration(repository, commit: commit))
    #expect(try Files.names(in: folder) == ["config.json"])
    #expect(try cache.model(repository, commit: commit) == folder)
    #expect(try Files.names(in: folder) == [HubManifest.name] + HubFixture.needed)
    let count = fixture.hub.hub.requests.count
    fixture.hub.change { $0.commit = String(repeating: "b2", count: 20) }
    let offline = HubCache(try fixture.client(isOffline: true))
    #expect(try offline.commit(of: repository, revision: "main") == commit)
    #expect(try offline.model(repository, commit: commit) == folder)
    #expect(try offline.configuration(repository, commit: String(repeating: "c3", count: 20)) == nil)
    #expect(throws: RetortError.self) { try offline.commit(of: repository, revision: "v1") }
    #expect(fixture.hub.hub.requests.count == count)
  }
}
