import Artifacts
import Foundation
import Testing

@testable import Storing

/// What works on a cache beside runs, with each call to the operating system failing in turn: no false success, no result
/// lost, and the same call succeeds once the disk does.
@Suite struct OperationFaultTests {
  let scratch: Scratch
  let original: FilePath
  /// What the newest run used, and must never be lost.
  let kept: [Key: Content]
  /// What no run needs any more.
  let old: Key
  let bundle: FilePath

  init() throws {
    scratch = try Scratch()
    original = scratch.path.appending("original")
    bundle = scratch.path.appending("bundle")
    let cache = try Cache(original)
    var before = try cache.begin()
    let forgotten = try recipe("old")
    try cache.publish(forgotten, .value(Array(repeating: 9, count: 70_000)), run: before)
    try cache.finish(before, [RunStep(label: "old", stage: trivial, key: forgotten.key)], ran: 1)
    before = try cache.begin()
    let first = try recipe("first")
    let attempt = try cache.beginAttempt(of: first.key, recipe: first, stage: trivial, label: "first", run: before)
    let folder = try attempt.folder.appending("out")
    try Files.makeFolder(folder.appending("sub"))
    try Files.replace(folder.appending("a"), with: [1, 2, 3], isDurable: false)
    try Files.replace(folder.appending("sub").appending("b"), with: [4], isDurable: false)
    let made = try attempt.publish(
      [OutputPart(port: "", kind: "k", content: .folder(folder), facts: .unknown)],
      details: ExecutionDetails(startedAt: 0, seconds: 1, profile: profile))
    let large = Content.value(Array(repeating: 7, count: 70_000))
    let second = try recipe("second", 1, inputs: [try #require(made.digest(port: ""))])
    try cache.publish(second, large, run: before)
    try cache.finish(before, [first, second].map { RunStep(label: "\($0.key)", stage: trivial, key: $0.key) }, ran: 2)
    (kept, old) = ([second.key: large], forgotten.key)
    let last = try #require(try cache.lookUp([second.key])[second.key])
    _ = try cache.exportBundle(of: last, labels: { _ in [:] }, to: bundle)
    try cache.index.closeCleanly()
  }

  enum Work: String, CaseIterable {
    case collect, export, take, withdraw, verify, rebuild, logs
  }

  /// Does the work; whatever it returns is a promise that `check` holds it to.
  private func carryOut(_ work: Work, in root: FilePath) throws {
    if work == .rebuild {
      _ = try Cache.rebuildIndex(root)
      return
    }
    let cache = try Cache(work == .take ? other(root) : root)
    switch work {
    case .collect: _ = try cache.gc(keeping: .init(runs: 1))
    case .export:
      let last = try #require(try cache.lookUp(Array(kept.keys)).values.first)
      _ = try cache.exportBundle(of: last, labels: { _ in [:] }, to: exported(root))
    case .take: _ = try cache.importBundle(VerifiedBundle(bundle))
    case .withdraw:
      guard let execution = try cache.lookUp([old])[old] else { return }
      try cache.withdraw(execution, Withdrawal(of: execution, label: "old", computed: [:], at: 1))
    case .verify: _ = try cache.verify()
    case .logs:
      let run = try cache.begin()
      let made = try recipe("logged")
      let attempt = try cache.beginAttempt(of: made.key, recipe: made, stage: trivial, label: "logged", run: run)
      try Files.replace(attempt.log, with: Array("a line\n".utf8), isDurable: false)
      try attempt.fail(RetortError("test.failed", "It failed.", blame: .stage))
      try cache.finishRun(run, outcome: .failed, steps: [], ran: 0, cached: 0, failed: 1)
    case .rebuild: break
    }
  }

  private func other(_ root: FilePath) -> FilePath { FilePath(root.string + "-other") }
  private func exported(_ root: FilePath) -> FilePath { FilePath(root.string + ".retort") }

  /// After the fault: what was there is there, and what was done is done.
  private func check(_ work: Work, _ root: FilePath, succeeded: Bool, isLasting: Bool = false, _ hint: Comment) throws {
    let cache = try Cache(root)
    let found = try cache.lookUp(Array(kept.keys))
    for (key, content) in kept {
      #expect(try cache.content(of: try #require(found[key]?.digest(port: ""), hint)) == content, hint)
    }
    #expect(try cache.verify().isSound, hint)
    switch work {
    case .collect:
      if succeeded { #expect(try cache.lookUp([old]).isEmpty, hint) }
    case .withdraw:
      if succeeded { #expect(try cache.lookUp([old]).isEmpty && cache.withdrawals().count == 1, hint) }
    case .export:
      // Whole or not there at all, and nothing half done beside it, but where nothing could be removed either.
      if try succeeded || Files.status(of: exported(root)) != nil { _ = try VerifiedBundle(exported(root)) }
      let beside = try Files.names(in: scratch.path).filter { $0.hasPrefix(".") }
      #expect(beside.isEmpty || isLasting, hint)
      for name in beside { try Files.remove(scratch.path.appending(name)) }
    case .take:
      guard try succeeded || Files.status(of: other(root)) != nil else { return }
      let other = try Cache(other(root))
      #expect(try other.verify().isSound, hint)
      let taken = try other.lookUp(Array(kept.keys))
      if succeeded { #expect(taken.count == kept.count, hint) }
      for (key, execution) in taken {
        #expect(try other.content(of: try #require(execution.digest(port: ""), hint)) == kept[key], hint)
      }
    case .logs:
      if succeeded {
        #expect(try cache.failures(of: try #require(try cache.runs(limit: 1).first?.id)).count == 1, hint)
      }
    case .verify, .rebuild: #expect(try cache.lookUp([old]).count == 1, hint)
    }
  }

  @Test(arguments: Work.allCases) func everyCallInTurn(work: Work) throws {
    let isChaos = ProcessInfo.processInfo.environment["RETORT_CHAOS"] != nil
    let effects: [InjectedFault.Effect] = [
      .error(.noSpace), .error(.ioError), .error(.permissionDenied), .torn(.noSpace), .short,
    ]
    for (position, effect) in effects.enumerated() {
      for isLasting in [false, true] where !isLasting || effect == .error(.noSpace) || effect == .torn(.noSpace) {
        // CI takes every seventh call, each kind from another one on.
        var ordinal = isChaos ? 1 : 1 + position
        while true {
          let root = scratch.path.appending("work")
          for path in [root, other(root), exported(root)] { try Files.remove(path) }
          try FileManager.default.copyItem(atPath: original.string, toPath: root.string)
          let fault = InjectedFault(nil, at: ordinal, isLasting: isLasting, effect)
          let hint: Comment = "\(work), \(effect) at call \(ordinal)\(isLasting ? " and later" : "")"
          var succeeded = true
          do {
            try InjectedFault.$current.withValue(fault) { try carryOut(work, in: root) }
          } catch {
            succeeded = false
            let known = try #require(error as? RetortError, hint)
            #expect(!known.message.isEmpty && !known.code.rawValue.hasSuffix(".damaged"), "\(hint): \(known)")
            #expect(known.code != "file.failed" && effect != .short, "\(hint): \(known)")
            if effect == .error(.noSpace) || effect == .torn(.noSpace) {
              #expect(known.code == "disk.full", "\(hint): \(known)")
            }
          }
          try check(work, root, succeeded: succeeded, isLasting: isLasting, hint)
          // Without the fault it can be done again.
          try carryOut(work, in: root)
          try check(work, root, succeeded: true, hint)
          if fault.calls < ordinal { break }
          ordinal += isChaos ? 1 : 7
        }
        // Verification makes one such call, the others several.
        #expect(ordinal > (isChaos && work != .verify ? 3 : 1), "\(work)")
      }
    }
  }
}
