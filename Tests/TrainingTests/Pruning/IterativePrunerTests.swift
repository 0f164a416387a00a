import Artifacts
import Models
import RetortTesting
import Tensors
import Testing

@testable import Training

/// What must not change a cut: threads, stops; and what a pruner refuses.
struct IterativePrunerTests {
  private struct Stop: Error {}
  private let tiny: PruningCase

  init() throws { tiny = try PruningCase() }

  /// The states after each group of batches.
  private func states(_ options: PruningOptions, threads: Int) throws -> [PruningState] {
    let pruner = try tiny.pruner(options, threads: threads)
    var states: [PruningState] = []
    try pruner.run { _ in states.append(pruner.state) }
    return states
  }

  @Test(arguments: PruningGoldenTests.cuts) func threadsDoNotChangeABit(name: String, options: PruningOptions) throws {
    let alone = try states(options, threads: 1)
    for threads in [2, 3] {
      // Groups differ, but where they end together the states are equal, scores included.
      let other = try states(options, threads: threads)
      #expect(other.allSatisfy(alone.contains) && other.last == alone.last)
    }
  }

  @Test(arguments: PruningGoldenTests.cuts) func aStopDoesNotChangeABit(name: String, options: PruningOptions) throws {
    let whole = try states(options, threads: 1)
    for stop in whole.indices {
      let first = try tiny.pruner(options)
      var groups = 0
      #expect(throws: Stop.self) {
        try first.run { _ in
          groups += 1
          if groups == stop + 1 { throw Stop() }
        }
      }
      let second = try tiny.pruner(options, threads: 2)
      try second.restore(first.snapshot())
      try second.run()
      #expect(second.state == whole.last, "after group \(stop)")
      #expect(second.state.step == second.steps)
    }
  }

  @Test func aSnapshotOfAnotherPruningIsRefused() throws {
    let pruner = try tiny.pruner(PruningGoldenTests.cuts[0].options)
    try pruner.run()
    var other = pruner.state
    other.step = 3
    var shorter = pruner.state
    shorter.kept.blocks.removeLast()
    #expect(!pruner.fits(other) && !pruner.fits(shorter) && pruner.fits(pruner.state))
    #expect(throws: RetortError.self) { try pruner.restore(Snapshot(["state": [1, 2]])) }
    #expect(throws: RetortError.self) { try pruner.restore(Snapshot()) }
  }

  @Test func refusals() throws {
    let nothing = ScoringExamples(texts: EncodedTexts(ids: []), labels: [])
    #expect(code { _ = try tiny.pruner(PruningOptions([.heads(keeping: 1)]), examples: nothing) } == "training.empty")
    let unlabelled = ScoringExamples(texts: tiny.examples.texts, labels: .init(repeating: -100, count: 10))
    let options = PruningOptions([.heads(keeping: 1)])
    #expect(code { _ = try tiny.pruner(options, examples: unlabelled) } == "prune.unlabelled")
    var free = options
    free.loss = .logits
    #expect(code { _ = try tiny.pruner(free, examples: unlabelled) } == nil)
    #expect(code { _ = try tiny.pruner(PruningOptions([.heads(keeping: 4)])) } == "prune.option")
    #expect(code { _ = try tiny.pruner(PruningOptions([.ffn(removing: 1)])) } == "prune.option")
    tiny.values.pointer[try tiny.bert.layout.entry("classifier.bias").offset] = .nan
    #expect(code { try tiny.pruner(options).run() } == "prune.notFinite")
  }

  private func code(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return (error as? RetortError)?.code.rawValue ?? "\(error)"
    }
  }

  @Test func aSampleFollowsFromTheSeed() throws {
    let (texts, labels) = (tiny.examples.texts, tiny.examples.labels)
    let sample = ScoringExamples(texts: texts, labels: labels, limit: 4, seed: 1)
    #expect(sample.texts.count == 4 && sample.labels.count == 4)
    for (ids, label) in zip(sample.texts.ids, sample.labels) {
      let place = try #require(texts.ids.firstIndex(of: ids))
      #expect(labels[place] == label)
    }
    #expect(sample.texts.ids == ScoringExamples(texts: texts, labels: labels, limit: 4, seed: 1).texts.ids)
    #expect(sample.texts.ids != ScoringExamples(texts: texts, labels: labels, limit: 4, seed: 2).texts.ids)
    #expect(ScoringExamples(texts: texts, labels: labels, limit: 10, seed: 1).texts.ids == texts.ids)
    #expect(ScoringExamples(texts: texts, labels: labels, limit: nil, seed: 1).texts.ids == texts.ids)
  }

  /// An already uneven model: its blocks come down to a share of what each has.
  @Test func aPrunedModelCanBePrunedAgain() throws {
    let kept = KeptUnits([
      .init(heads: [0, 1], neurons: [0, 1, 2, 3]), .init(heads: [0, 1, 2], neurons: Array(0..<8)),
      .init(heads: [2], neurons: [1, 7]),
    ])
    let (bert, values) = try tiny.bert.slicing(tiny.values, to: kept)
    let pruner = try IterativePruner(
      bert, values: values, examples: tiny.examples,
      options: PruningOptions([.ffn(removing: 0.5)], iterations: 3, batchSize: 4), team: ThreadTeam(1))
    try pruner.run()
    #expect(pruner.kept.blocks.map(\.neurons.count) == [2, 4, 1])
    #expect(pruner.kept.blocks.map(\.heads.count) == [2, 3, 1])
  }
}
