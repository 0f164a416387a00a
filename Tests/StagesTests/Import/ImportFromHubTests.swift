import Artifacts
import Declaring
import Foundation
import HubServer
import Models
import RetortTesting
import Testing

@testable import Stages

/// Models that pipelines name, fetched from a hub on this machine.
struct ImportFromHubTests {
  private let scratch: Scratch
  private let hub: FakeHub
  private let services = FakeServices()
  private let commit: String

  init() throws {
    scratch = try Scratch()
    let folder = FilePath(scratch.folder.path).appending("tiny")
    try TinyCheckpoint.write(.maskedLM, to: folder)
    let content = FakeHub.Content(
      try files(of: folder).mapValues { FakeHub.File($0, digest: Digest(of: $0).hex) })
    commit = content.commit
    hub = try FakeHub(content)
  }

  private func client(isOffline: Bool = false) throws -> HubClient {
    try HubClient(
      HubSettings(
        endpoint: hub.address, isOffline: isOffline, folder: FilePath(scratch.folder.path).appending("hub")),
      patience: HubPatience(attempts: 2) { _ in })
  }

  @Test func whatComesIsWhatAFolderGives() async throws {
    let local = try await services.result(
      of: ImportCheckpoint(scratch.folder.appendingPathComponent("tiny").path, as: MaskedLM.self))
    let stage = ImportCheckpoint(hub: "owner/tiny", revision: commit, as: MaskedLM.self)
    try await HubModel.$client.withValue(client()) {
      // Planning fetches the configuration and no weights.
      #expect(services.forecast(of: stage).hidden == 16)
      #expect(hub.storage.requests.map(\.method) == ["GET"])
      let fetched = try await services.result(of: stage)
      #expect(try files(of: fetched.folder) == files(of: local.folder))
      #expect(fetched.facts.licence == "mit" && fetched.facts.origin == "owner/tiny")
      #expect(services.journal.progress.last?.unit == "bytes")
    }
    // Once it is here, no hub is needed.
    let count = hub.hub.requests.count
    try await HubModel.$client.withValue(client(isOffline: true)) {
      #expect(services.forecast(of: stage).hidden == 16)
      let again = try await services.result(of: stage)
      #expect(try files(of: again.folder) == files(of: local.folder))
    }
    #expect(hub.hub.requests.count == count)
  }

  @Test func aBranchIsLookedUpOnceAndPlanningNamesTheCommit() throws {
    try HubModel.$client.withValue(client()) {
      let stage = ImportCheckpoint(hub: "owner/tiny", as: MaskedLM.self)
      var forecast = Forecast(inputs: [:])
      _ = stage.forecast(&forecast)
      #expect(forecast.faults.isEmpty)
      #expect(forecast.warnings.first?.remedy.contains("revision: \"\(commit)\"") == true)
      func key(_ stage: ImportCheckpoint<MaskedLM>) throws -> RecipeTemplate {
        try RecipeTemplate(stage: "s", version: 1, options: stage, defaultSeed: 0)
      }
      let pinned = try key(ImportCheckpoint(hub: "owner/tiny", revision: commit, as: MaskedLM.self))
      #expect(try key(stage) == pinned)
      hub.change { $0.commit = String(repeating: "b2", count: 20) }
      #expect(try key(stage) == pinned)
      let elsewhere = try JSONDecoder().decode(ImportCheckpoint<MaskedLM>.self, from: JSONEncoder().encode(stage))
      #expect(elsewhere.hub?.revision == commit)
    }
  }

  @Test func refusalsAreFaultsOfThePlan() throws {
    try HubModel.$client.withValue(client()) {
      let missing = try #require(services.faults(of: ImportCheckpoint(hub: "owner/none", revision: commit)).first)
      #expect(missing.message.contains("owner/none") && missing.place.field == "hub")
      let head = try #require(
        services.faults(of: ImportCheckpoint(hub: "owner/tiny", revision: commit, as: Classifier.self)).first)
      #expect(head.message.contains("a masked-LM head, no classifier"))
      #expect(services.faults(of: ImportCheckpoint(hub: "owner/tiny", revision: "a..b")).count == 1)
    }
    // Without a hub planning goes on with a commit, and cannot with a branch.
    try HubModel.$client.withValue(client(isOffline: true)) {
      let elsewhere = ImportCheckpoint(hub: "owner/tiny", revision: String(repeating: "c3", count: 20))
      #expect(services.faults(of: elsewhere).isEmpty && services.forecast(of: elsewhere) == .unknown)
      let branch = services.faults(of: ImportCheckpoint(hub: "owner/tiny", revision: "v1"))
      #expect(branch.first?.message.contains("HF_HUB_OFFLINE") == true)
    }
  }
}
