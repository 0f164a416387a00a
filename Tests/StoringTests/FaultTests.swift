import Artifacts
import Foundation
import Testing

@testable import Storing

/// Calls to the operating system fail in turn: no false success, nothing committed is lost, and the sentence is clear.
@Suite struct FaultTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  struct Work {
    /// The content of each key whose publication returned.
    var certain: [Key: Content] = [:]
    var errors: [any Error] = []
  }

  /// A run of three publications, of a value, a large value and a folder, with a checkpoint.
  private func work(in root: FilePath, _ result: inout Work) throws {
    let cache = try Cache(root)
    let run = try cache.begin()
    for number in 0..<3 {
      do {
        let made = try recipe("work", number)
        let attempt = try cache.beginAttempt(of: made.key, recipe: made, stage: trivial, label: "w", run: run)
        try Files.replace(try cache.snapshotFile(of: made.key), with: [1, 2, 3])
        let content: Content
        switch number {
        case 0: content = .value([1])
        case 1: content = .value(Array(repeating: 2, count: 70_000))
        default:
          let folder = try attempt.folder.appending("out")
          try Files.makeFolder(folder)
          try Files.replace(folder.appending("file"), with: [3], isDurable: false)
          content = .folder(folder)
        }
        let execution = try attempt.publish(
          [OutputPart(port: "", kind: "k", content: content, facts: .unknown)],
          details: ExecutionDetails(startedAt: 0, seconds: 1, profile: profile))
        result.certain[made.key] = try cache.content(of: try #require(execution.digest(port: "")))
        try Files.remove(try cache.snapshotFile(of: made.key))
      } catch {
        result.errors.append(error)
      }
    }
    try cache.finish(run, ran: result.certain.count)
  }

  @Test(
    arguments: [
      InjectedFault.Effect.error(.noSpace), .error(.ioError), .error(.permissionDenied), .torn(.noSpace), .short,
      .error(.interrupted),
    ], [false, true])
  func everyCallInTurn(effect: InjectedFault.Effect, isLasting: Bool) throws {
    // Interrupted for ever is no fault but a hang; of those that last, two kinds are enough.
    if isLasting, effect != .error(.noSpace), effect != .error(.permissionDenied) { return }
    let isThorough =
      ProcessInfo.processInfo.environment["RETORT_CHAOS"] != nil || effect == .error(.noSpace) && !isLasting
    var ordinal = 1
    while true {
      let root = scratch.path.appending("cache-\(ordinal)")
      let operation: FileOperation? = effect == .error(.interrupted) ? .write : nil
      let fault = InjectedFault(operation, at: ordinal, isLasting: isLasting, effect)
      var result = Work()
      do {
        try InjectedFault.$current.withValue(fault) { try work(in: root, &result) }
      } catch {
        result.errors.append(error)
      }
      let hint: Comment = "\(effect) at call \(ordinal)"
      for error in result.errors {
        let known = try #require(error as? RetortError, hint)
        #expect(known.code != "cache.damaged" && known.code != "file.failed", "\(hint): \(known)")
        if effect == .error(.noSpace) || effect == .torn(.noSpace) {
          #expect(known.code == "disk.full", "\(hint): \(known)")
        }
      }
      if effect == .short || effect == .error(.interrupted) { #expect(result.errors.isEmpty, hint) }
      try check(result, in: root, verifies: ordinal % 13 == 1, hint)
      try Files.remove(root)
      if fault.calls < ordinal { break }
      ordinal += isThorough ? 1 : 13
    }
    #expect(ordinal > 9)
  }

  /// Without the fault, everything that was certain is there, and what was not can be computed.
  private func check(_ result: Work, in root: FilePath, verifies: Bool, _ hint: Comment) throws {
    do {
      let cache = try Cache(root)
      let found = try cache.lookUp(Array(result.certain.keys))
      for (key, content) in result.certain {
        let execution = try #require(found[key], hint)
        #expect(try cache.content(of: try #require(execution.digest(port: ""))) == content, hint)
      }
      if verifies { #expect(try cache.verify().isSound, hint) }
    }
    var again = Work()
    try work(in: root, &again)
    #expect(again.errors.isEmpty && again.certain.count == 3, hint)
  }

  /// The disk is full inside SQLite, where no injected fault reaches: the journal has the publication all the same.
  @Test func indexThatCannotGrowLosesNothing() throws {
    let root = scratch.path.appending("cache")
    var keys: [Key] = []
    do {
      let cache = try Cache(root)
      let run = try cache.begin()
      try cache.index.access { try $0.connection.execute("PRAGMA max_page_count = 1") }
      for number in 0..<20 {
        let made = try recipe("full", number)
        try cache.publish(made, .value(Array(repeating: UInt8(number), count: 5000)), run: run)
        keys.append(made.key)
      }
      #expect { try cache.flush() } throws: { ($0 as? RetortError)?.code == "disk.full" }
      // This process still finds what it published.
      #expect(
        try cache.content(of: Digest(of: Array(repeating: 7, count: 5000))).self
          == .value(Array(repeating: 7, count: 5000)))
    }
    #expect(try Cache(root).lookUp(keys).count == 20)
  }

  @Test func readOnlyCacheIsRefusedByRunsAndReadByQuestions() throws {
    let root = scratch.path.appending("cache")
    var key: Key?
    do {
      let cache = try Cache(root)
      let run = try cache.begin()
      let made = try recipe("ro")
      try cache.publish(made, .value([9]), run: run)
      key = made.key
    }
    let fault = InjectedFault(.open, at: 1, isLasting: true, .error(.readOnlyFileSystem))
    #expect { try InjectedFault.$current.withValue(fault) { _ = try Cache(root) } } throws: { error in
      (error as? RetortError)?.code == "cache.read-only" && (error as? RetortError)?.remedy.contains("--cache") == true
    }
    let cache = try Cache(root, access: .reading)
    #expect(try cache.lookUp([try #require(key)]).count == 1)
    #expect(throws: RetortError.self) { try cache.begin() }
  }

  @Test func questionsToNoCacheMakeNone() throws {
    let root = scratch.path.appending("none")
    #expect { try Cache(root, access: .reading) } throws: { ($0 as? RetortError)?.code == "cache.missing" }
    #expect(try Files.status(of: root) == nil)
  }
}
