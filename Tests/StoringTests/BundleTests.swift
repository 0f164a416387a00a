import Artifacts
import Foundation
import Testing

@testable import Storing

@Suite struct BundleTests {
  let scratch: Scratch
  let cache: Cache
  var file: FilePath { scratch.path.appending("result.retort") }

  init() throws {
    scratch = try Scratch()
    cache = try Cache(scratch.path.appending("cache"))
  }

  /// data (a folder) → model (a large value) → scores (small) ← data. Returns the last.
  private func fill(_ cache: Cache) throws -> Execution {
    let run = try cache.begin()
    let first = try recipe("data")
    let attempt = try cache.beginAttempt(of: first.key, recipe: first, stage: trivial, label: "data", run: run)
    let folder = try attempt.folder.appending("out")
    try Files.makeFolder(folder.appending("empty"))
    try Files.makeFolder(folder.appending("parts"))
    for (name, text) in [("a.txt", "one"), ("parts/b.txt", "two"), ("parts.txt", ""), ("parts/c.txt", "one")] {
      try Files.replace(folder.appending(FilePath(name).components), with: Array(text.utf8), isDurable: false)
    }
    var details = ExecutionDetails(startedAt: 2, seconds: 1, profile: profile)
    details.metrics = ["accuracy": 0.5]
    details.codeFingerprint = "Data/Data.swift=0123456789abcdef\nshared=fedcba9876543210"
    var facts = Facts()
    facts.labels = ["no", "yes"]
    let data = try attempt.publish(
      [OutputPart(port: "", kind: "data", content: .folder(folder), facts: facts)], details: details)
    let large = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let model = try cache.publish(try recipe("model", 1, inputs: [try digest(data)]), .value(large), run: run)
    let scores = try cache.publish(
      try recipe("scores", 2, inputs: [try digest(model), try digest(data)]), .value(Array("0.9".utf8)), run: run)
    try cache.finish(run, ran: 3)
    return scores
  }

  private func digest(_ execution: Execution) throws -> Digest { try #require(execution.digest(port: "")) }

  private func export(_ execution: Execution, from cache: Cache, to file: FilePath) throws -> BundleReport {
    try cache.exportBundle(of: execution, labels: { _ in [execution.key: "scores"] }, to: file)
  }

  /// Everything that lies in a cache's folder, with its bytes.
  private func everything(in root: FilePath) throws -> [String: Int] {
    try Files.status(of: root) == nil
      ? [:]
      : Dictionary(uniqueKeysWithValues: try FolderManifest(of: root).entries.map { ($0.path, $0.file?.bytes ?? -1) })
  }

  // MARK: Whole bundles

  @Test func importedResultsAreHitsWithTheirLineage() throws {
    let scores = try fill(cache)
    let written = try export(scores, from: cache, to: file)
    #expect(written.results == 3 && written.label == "scores")
    #expect(try written.digest == digest(scores))
    let other = try Cache(scratch.path.appending("other"))
    let report = try other.importBundle(VerifiedBundle(file))
    #expect(report.new == 3 && report.seal == written.seal)
    let hit = try #require(try other.lookUp([scores.key])[scores.key])
    #expect(hit.outputs == scores.outputs)
    #expect(hit.details.seconds == scores.details.seconds && hit.details.profile == profile)
    #expect(hit.details.inputs.count == 2)
    let data = try #require(try other.lookUp([try recipe("data").key])[try recipe("data").key])
    #expect(data.outputs[""]?.facts.labels == ["no", "yes"] && data.details.metrics == ["accuracy": 0.5])
    guard case .folder(let folder) = try other.content(of: try digest(data)) else {
      Issue.record("a folder is a folder")
      return
    }
    #expect(try Files.read(folder.appending("parts").appending("b.txt")) == Array("two".utf8))
    #expect(try Files.status(of: folder.appending("empty"))?.kind == .folder)
    #expect(try other.verify().isSound)
    #expect(try other.steps(of: try #require(report.run)).map(\.label) == ["test.trivial", "test.trivial-2", "scores"])
    // What an import brought is kept like what a run made.
    #expect(try other.gc().executions == 0)
    #expect(try other.importBundle(VerifiedBundle(file)).new == 0)
    #expect(try Files.namesIfThere(in: other.layout.staging).isEmpty)
  }

  @Test func bytesFollowFromTheContentAlone() throws {
    let scores = try fill(cache)
    _ = try export(scores, from: cache, to: file)
    let other = try Cache(scratch.path.appending("other"))
    _ = try other.importBundle(VerifiedBundle(file))
    let again = scratch.path.appending("again.retort")
    let hit = try #require(try other.lookUp([scores.key])[scores.key])
    _ = try export(hit, from: other, to: again)
    #expect(try Files.read(again) == Files.read(file))
  }

  /// Two ports with the same files.
  @Test func equalFoldersOfOneResult() throws {
    let run = try cache.begin()
    let made = try recipe("twins")
    let attempt = try cache.beginAttempt(of: made.key, recipe: made, stage: trivial, label: "twins", run: run)
    let parts = try ["a", "b"].map { port in
      let folder = try attempt.folder.appending(port)
      try Files.makeFolder(folder)
      try Files.replace(folder.appending("file"), with: [1, 2], isDurable: false)
      return OutputPart(port: port, kind: "data", content: .folder(folder), facts: .unknown)
    }
    let twins = try attempt.publish(parts, details: ExecutionDetails(startedAt: 2, seconds: 1, profile: profile))
    _ = try export(twins, from: cache, to: file)
    let other = try Cache(scratch.path.appending("other"))
    #expect(try other.importBundle(VerifiedBundle(file)).new == 1)
    #expect(try other.lookUp([made.key])[made.key]?.outputs == twins.outputs)
    #expect(try other.verify().isSound)
  }

  /// One key, computed twice; two results take one each, and a last one takes both of those.
  private func publishTwice(_ first: [UInt8], _ second: [UInt8]) throws -> Execution {
    let run = try cache.begin()
    let base = try recipe("base")
    let middles = try [first, second].enumerated().map { number, bytes in
      let given = try cache.publish(base, .value(bytes), run: run)
      let made = try recipe("middle", number, inputs: [try digest(given)])
      let attempt = try cache.beginAttempt(of: made.key, recipe: made, stage: trivial, label: "middle", run: run)
      var details = ExecutionDetails(startedAt: 2, seconds: 1, profile: profile)
      details.inputs = [.init(digest: try digest(given), execution: given.id)]
      return try attempt.publish(
        [OutputPart(port: "", kind: "value", content: .value([UInt8(number)]), facts: .unknown)], details: details)
    }
    return try cache.publish(try recipe("last", 0, inputs: try middles.map(digest)), .value([9]), run: run)
  }

  @Test func whatWasComputedTwiceIsOneResult() throws {
    let last = try publishTwice([7], [7])
    #expect(try export(last, from: cache, to: file).results == 4)
    let other = try Cache(scratch.path.appending("other"))
    #expect(try other.importBundle(VerifiedBundle(file)).new == 4)
  }

  @Test func whatWasComputedTwiceWithOtherBytesIsNotExported() throws {
    let last = try publishTwice([7], [8])
    #expect { try export(last, from: cache, to: file) } throws: { ($0 as? RetortError)?.code == "bundle.ambiguous" }
    #expect(try Files.status(of: file) == nil)
  }

  @Test func lineageThatIsNotCompleteIsNotExported() throws {
    let run = try cache.begin()
    let lost = Digest(of: Array("nobody made this".utf8))
    let orphan = try cache.publish(try recipe("orphan", 0, inputs: [lost]), .value([1]), run: run)
    #expect { try export(orphan, from: cache, to: file) } throws: { ($0 as? RetortError)?.code == "bundle.incomplete" }
    #expect(try Files.status(of: file) == nil)
  }

  @Test func damagedObjectIsNotExported() throws {
    let scores = try fill(cache)
    let model = try #require(try cache.lookUp([try recipe("model", 1, inputs: [dataDigest()]).key]).values.first)
    let object = cache.layout.object(try digest(model))
    try Files.remove(object)
    try Files.replace(object, with: [UInt8](repeating: 7, count: 70_000), isDurable: false)
    #expect { try export(scores, from: cache, to: file) } throws: { ($0 as? RetortError)?.code == "artifact.damaged" }
    #expect(try Files.namesIfThere(in: scratch.path) == ["cache"])
  }

  private func dataDigest() throws -> Digest {
    try digest(try #require(try cache.lookUp([try recipe("data").key])[try recipe("data").key]))
  }

  // MARK: Damage

  /// A small bundle, so that every bit of it can be turned.
  private func smallBundle() throws -> [UInt8] {
    let run = try cache.begin()
    let first = try cache.publish(try recipe("first"), .value(Array("first".utf8)), run: run)
    let second = try cache.publish(try recipe("second", 0, inputs: [try digest(first)]), .value([]), run: run)
    _ = try export(second, from: cache, to: file)
    return try Files.read(file)
  }

  @Test func anyFlippedBitIsRefused() throws {
    let whole = try smallBundle()
    for position in whole.indices {
      var bytes = whole
      bytes[position] ^= 1 << UInt8(position % 8)
      try Files.replace(file, with: bytes, isDurable: false)
      #expect(throws: RetortError.self, "byte \(position)") { try VerifiedBundle(file) }
    }
  }

  @Test func refusedBundlesLeaveNothingBehind() throws {
    let whole = try smallBundle()
    let root = scratch.path.appending("other")
    let other = try Cache(root)
    let before = try everything(in: root)
    for count in stride(from: 0, to: whole.count, by: 7) {
      try Files.replace(file, with: Array(whole.prefix(count)), isDurable: false)
      #expect(throws: RetortError.self, "\(count) bytes") { try other.importBundle(VerifiedBundle(file)) }
    }
    try Files.replace(file, with: whole + [0], isDurable: false)
    #expect(throws: RetortError.self) { try other.importBundle(VerifiedBundle(file)) }
    #expect(try everything(in: root) == before)
    #expect(try other.runs().isEmpty)
  }

  @Test func aFullDiskLeavesAFailedRunAndNoResult() throws {
    let scores = try fill(cache)
    _ = try export(scores, from: cache, to: file)
    let other = try Cache(scratch.path.appending("other"))
    let fault = InjectedFault(.write, at: 6, isLasting: true, .error(.noSpace))
    InjectedFault.$current.withValue(fault) {
      #expect(throws: RetortError.self) { try other.importBundle(VerifiedBundle(file)) }
    }
    #expect(try other.lookUp([scores.key]).isEmpty)
    #expect(try other.importBundle(VerifiedBundle(file)).results == 3)
    #expect(try other.verify().isSound)
  }

  // MARK: Malice

  /// A bundle with a valid seal, whatever its records say.
  private func sealed(_ records: [UInt8], _ contents: [UInt8]) -> [UInt8] {
    var head = ByteWriter()
    head.write(LineageBundle.version)
    head.write(UInt64(records.count))
    let bytes = LineageBundle.magic + head.bytes + records + contents
    return bytes + Digest(of: bytes).bytes
  }

  private func bundle(ofFolder manifest: FolderManifest, bytes: Int? = nil) throws -> LineageBundle {
    let content = StoredContent(form: .folder, bytes: bytes ?? manifest.bytes, data: manifest.encoded)
    // A negative size has no digest.
    let isPossible = manifest.entries.allSatisfy { ($0.file?.bytes ?? 0) >= 0 }
    let digest = isPossible ? manifest.digest : Digest(of: manifest.encoded)
    let record = ArtifactRecord(digest: digest, kind: "data", bytes: content.bytes, facts: .unknown)
    return LineageBundle(
      members: [
        .init(
          label: "data", recipe: try recipe("data"),
          details: ExecutionDetails(startedAt: 0, seconds: 0, profile: profile), inputs: [],
          outputs: [OutputEntry(port: "", record: record, form: .folder)])
      ], pieces: [.init(digest: digest, content: content)])
  }

  @Test(arguments: [
    "../escape", "/absolute", "a/../../b", "a//b", "", ".", "a/", "./a", "nul\u{0}byte", "folder/in/no/folder",
    String(repeating: "x", count: 300),
  ])
  func pathsThatLeadAstrayAreRefused(path: String) throws {
    let text = Array("evil".utf8)
    let manifest = FolderManifest([.init(path: path, file: .init(bytes: text.count, digest: Digest(of: text)))])
    try Files.replace(file, with: sealed(try bundle(ofFolder: manifest).records, text), isDurable: false)
    #expect { try cache.importBundle(VerifiedBundle(file)) } throws: { ($0 as? RetortError)?.code == "bundle.damaged" }
    #expect(try Files.namesIfThere(in: scratch.path) == ["cache", "result.retort"])
  }

  @Test func aPlainPathPasses() throws {
    let text = Array("good".utf8)
    let manifest = FolderManifest([.init(path: "a", file: .init(bytes: text.count, digest: Digest(of: text)))])
    try Files.replace(file, with: sealed(try bundle(ofFolder: manifest).records, text), isDurable: false)
    #expect(try cache.importBundle(VerifiedBundle(file)).new == 1)
  }

  @Test func foldersThatContradictThemselvesAreRefused() throws {
    let one = FolderManifest.File(bytes: 3, digest: Digest(of: Array("one".utf8)))
    let manifests = [
      (FolderManifest([.init(path: "a", file: one), .init(path: "a", file: one)]), 6),
      (FolderManifest([.init(path: "a", file: one), .init(path: "a/b", file: one)]), 6),
      (FolderManifest([.init(path: "a", file: .init(bytes: -1, digest: one.digest))]), -1),
      (
        FolderManifest([
          .init(path: "a", file: .init(bytes: .max, digest: one.digest)),
          .init(path: "b", file: .init(bytes: .max, digest: one.digest)),
        ]), -2
      ), (FolderManifest([.init(path: "a", file: one)]), 6),
    ]
    for (manifest, bytes) in manifests {
      let bundle = try bundle(ofFolder: manifest, bytes: bytes)
      try Files.replace(file, with: sealed(bundle.records, Array("oneone".utf8)), isDurable: false)
      #expect { try cache.importBundle(VerifiedBundle(file)) } throws: {
        ($0 as? RetortError)?.code == "bundle.damaged"
      }
    }
  }

  @Test func recordsThatDoNotHangTogetherAreRefused() throws {
    let scores = try fill(cache)
    _ = try export(scores, from: cache, to: file)
    let good = try BundleFile(file).bundle
    try BundleCheck(good).run()
    let edits: [(String, (inout LineageBundle) -> Void)] = [
      ("nothing", { $0.members = [] }), ("no input", { $0.members[2].inputs.removeLast() }),
      ("an input from itself", { $0.members[2].inputs[0].member = 2 }),
      ("an input from far", { $0.members[2].inputs[0].member = .max >> 32 }),
      ("a giver of other bytes", { $0.members[2].inputs[0].member = 1 - $0.members[2].inputs[0].member }),
      ("no output", { $0.members[0].outputs = [] }),
      ("an output twice", { $0.members[0].outputs.append($0.members[0].outputs[0]) }),
      ("another size", { $0.members[0].outputs[0].record.bytes += 1 }),
      ("another form", { $0.members[0].outputs[0].form = .file }), ("a content missing", { $0.pieces.removeLast() }),
      ("order of contents", { $0.pieces.swapAt(0, 1) }),
      ("a label twice", { $0.members[0].label = $0.members[1].label }),
      ("a label that steers", { $0.members[0].label = "\u{1B}[2J" }), ("time", { $0.members[0].details.seconds = -1 }),
      ("no time", { $0.members[0].details.seconds = .nan }),
      ("no recipe", { $0.members[0].recipe = Recipe(bytes: []) }),
      ("an id", { $0.members[0].details.children = [1] }),
      ("a result twice", { $0.members[1].recipe = $0.members[0].recipe }),
      ("an inline giant", { $0.pieces[0].content.bytes = 1 << 40 }), ("negative", { $0.pieces[0].content.bytes = -5 }),
    ]
    for (what, edit) in edits {
      var bad = good
      edit(&bad)
      #expect(throws: RetortError.self, "\(what)") { try BundleCheck(bad).run() }
    }
  }

  /// Records with random damage: refused or read, never a trap, nor memory for what is only claimed.
  @Test func fuzzedRecords() throws {
    let count = ProcessInfo.processInfo.environment["RETORT_FUZZ"].flatMap(Int.init) ?? 4000
    let scores = try fill(cache)
    _ = try export(scores, from: cache, to: file)
    let good = try BundleFile(file).bundle.records
    var random = SeededRandom(seed: 5)
    for _ in 0..<count {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        guard !bytes.isEmpty else { break }
        let position = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes.removeSubrange(position...)
        case 3: bytes.insert(contentsOf: good[..<min(good.count, position)].suffix(40), at: position)
        default: for index in position..<min(bytes.count, position + 4) { bytes[index] = 0xFF }
        }
      }
      guard let bundle = try? LineageBundle(records: bytes) else { continue }
      try? BundleCheck(bundle).run()
      #expect(bundle.records == bytes)
    }
  }

  /// Whole files of random bytes behind a true beginning.
  @Test func fuzzedFiles() throws {
    let count = (ProcessInfo.processInfo.environment["RETORT_FUZZ"].flatMap(Int.init) ?? 4000) / 10
    let whole = try smallBundle()
    var random = SeededRandom(seed: 6)
    for _ in 0..<count {
      var bytes = Array(whole.prefix(Int.random(in: 0...whole.count, using: &random)))
      bytes += (0..<Int.random(in: 0..<80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      guard bytes != whole else { continue }
      try Files.replace(file, with: bytes, isDurable: false)
      #expect(throws: RetortError.self) { try VerifiedBundle(file) }
    }
  }
}
