import Artifacts
import Declaring
import Foundation
import Testing
import Training

@testable import Stages

/// `fingerprints.tsv` remembers the code of each stage: who changes it raises `version`, or says why the bytes stay the same.
///
/// `make fingerprints` writes the table again; with REASON="…" also rows whose version is the same.
struct FingerprintTableTests {
  private static let stages: [any Stage.Type] = [
    Augment<TaskSplits<Classification>>.self, Benchmark.self, Best<Classification>.self, Command<Corpus>.self,
    Compare.self, Contrast.self,
    Evaluate.self,
    Export<Classifier>.self, FineTune<Classification>.self, ImportBEIR.self, ImportCheckpoint<EncoderOnly>.self,
    ImportTaskData<Classification>.self, ImportText.self, Pretrain.self, PretrainDistill.self,
    Prune<Classification>.self,
    PruneVocabulary<Classifier>.self, Quantize<Classifier>.self, SampleReviews.self, SampleSentences.self,
    Search<Classification, FineTune<Classification>>.self,
    TaskDistill<Classification>.self, TaskText<Classification>.self, TrainVocabulary.self,
  ]

  private struct Row: Equatable {
    var id: String
    var version: Int
    var fingerprint: String
    var reason: String

    init(id: String, version: Int, fingerprint: String, reason: String) {
      (self.id, self.version, self.fingerprint, self.reason) = (id, version, fingerprint, reason)
    }

    init?(_ line: Substring) {
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard cells.count == 4, let version = Int(cells[1]) else { return nil }
      self.init(id: String(cells[0]), version: version, fingerprint: String(cells[2]), reason: String(cells[3]))
    }

    var line: String { "\(id)\t\(version)\t\(fingerprint)\t\(reason)" }
  }

  private static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "../Goldens/fingerprints.tsv")
  private static let head = "stage\tversion\tfingerprint\twhy the version stayed the last time"

  /// Of the stage's own files; what all stages share has its own row.
  private static func now() -> [Row] {
    var rows: [Row] = []
    var shared = ""
    for type in stages {
      var hashes = type.codeFingerprint?.hashes ?? [:]
      shared = hashes.removeValue(forKey: "shared") ?? shared
      let text = hashes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
      rows.append(
        Row(
          id: type.id, version: type.version, fingerprint: String(Digest(of: Array(text.utf8)).hex.prefix(16)),
          reason: ""))
    }
    return rows.sorted { $0.id < $1.id } + [Row(id: "shared", version: 1, fingerprint: shared, reason: "")]
  }

  @Test func everyChangeIsAccountedFor() throws {
    let stored = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n").dropFirst().compactMap(
      Row.init)
    var known = Dictionary(stored.map { ($0.id, $0) }) { first, _ in first }
    let environment = ProcessInfo.processInfo.environment
    let isWriting = environment["RETORT_WRITE_FINGERPRINTS"] != nil
    let reason = (environment["REASON"] ?? "").replacing("\t", with: " ").replacing("\n", with: " ")
    for row in Self.now() {
      let old = known[row.id]
      guard old?.fingerprint != row.fingerprint || old?.version != row.version else { continue }
      guard isWriting, old == nil || old?.version != row.version || !reason.isEmpty else {
        Issue.record(
          """
          The source files behind “\(row.id)” changed, and its version is \(row.version) as before. If it may write other \
          bytes now, raise the version and run `make fingerprints`; if not, run `make fingerprints REASON="why not"`.
          """)
        continue
      }
      known[row.id] = Row(
        id: row.id, version: row.version, fingerprint: row.fingerprint,
        reason: old?.version == row.version ? reason : "")
    }
    for id in known.keys where !Self.now().contains(where: { $0.id == id }) {
      if isWriting { known[id] = nil } else { Issue.record("There is no stage “\(id)”; run `make fingerprints`.") }
    }
    guard isWriting else { return }
    let lines = [Self.head] + Self.now().compactMap { known[$0.id]?.line }
    try (lines.joined(separator: "\n") + "\n").write(to: Self.file, atomically: true, encoding: .utf8)
  }

  /// A stage's own file and what it shares with others are behind it; a neighbour's is not.
  @Test func filesOfAStage() throws {
    let prune = try #require(Prune<Classification>.codeFingerprint).hashes
    #expect(prune["Pruning/Prune.swift"] != nil && prune["Support/StoredModel.swift"] != nil && prune["shared"] != nil)
    let text = try #require(ImportText.codeFingerprint).hashes
    #expect(text["Import/ImportText.swift"] != nil && text["Pruning/Prune.swift"] == nil)
    #expect(Self.stages.allSatisfy { $0.codeFingerprint != nil })
  }
}
