import Artifacts
import Models
import Tensors
import Testing

@testable import Training

struct AugmentationRunTests {
  private static func examples(_ count: Int, isPaired: Bool = false) -> [LabelledExample] {
    let words = ["film", "good", "story", "slow", "music", "old", "plot", "funny", "actor"]
    return (0..<count).map { index in
      let text = (0..<(3 + index % 17)).map { words[(index * 7 + $0 * ($0 + index)) % words.count] }
      return LabelledExample(
        "the \(text.joined(separator: " ")) .", pair: isPaired ? "a \(words[index % 9]) scene" : nil,
        target: .label(index % 2))
    }
  }

  private static func run(_ augmenter: some Augmenter, _ examples: [LabelledExample], threads: Int) throws
    -> VariantGroup
  {
    var run = AugmentationRun(examples, by: augmenter, on: ThreadTeam(threads))
    while !run.isFinished { try run.advance() }
    return run.done
  }

  @Test(arguments: [false, true]) func threadsDoNotChangeAByte(isPaired: Bool) throws {
    let examples = Self.examples(150, isPaired: isPaired)
    let words = DistilledBiLSTMAugmenter(
      DistilledBiLSTMRules(samePartProbability: 0), unigrams: nil, seed: 3)
    let language = try TinyLanguage().augmenter(TinyBERTRules(copies: 4, candidates: 5))
    for augmenter in [words, language] as [any Augmenter] {
      let alone = try augmenter.variants(of: examples[...])
      for threads in 1...3 {
        let group = try Self.run(augmenter, examples, threads: threads)
        #expect(group.bytes == alone.bytes, "\(threads) threads")
      }
    }
  }

  @Test func goingOnGivesTheSame() throws {
    let examples = Self.examples(2_000)
    let augmenter = DistilledBiLSTMAugmenter(
      DistilledBiLSTMRules(copies: 3, samePartProbability: 0), unigrams: nil, seed: 3)
    let whole = try Self.run(augmenter, examples, threads: 1)
    var run = AugmentationRun(examples, by: augmenter, on: ThreadTeam(1))
    var stops = 0
    while !run.isFinished {
      try run.advance()
      var next = AugmentationRun(examples, by: augmenter, on: ThreadTeam(3))
      try next.restore(run.done.bytes)
      #expect(next.count == run.count)
      run = next
      stops += 1
    }
    #expect(run.done == whole && stops > 2)
    #expect(AugmentationRun([], by: augmenter, on: ThreadTeam(1)).isFinished)
  }

  @Test func piecesCoverAllExamples() {
    for count in [0, 1, 7, 500] {
      let pieces = AugmentationRun.pieces(of: Self.examples(count))
      #expect(pieces.flatMap { Array($0) } == Array(0..<count))
    }
  }

  @Test func bytes() throws {
    let group = VariantGroup([[Variant("a"), Variant("é", pair: "")], [], [Variant("", pair: "c")]], cutTexts: 7)
    #expect(try VariantGroup(bytes: group.bytes) == group)
    #expect(Array(group.bytes.prefix(12)) == [7, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0])
    var dice = Dice(4)
    for _ in 0..<2_000 {
      let bytes = dice.spoiled(group.bytes, with: "\u{0}\u{1}\u{2}")
      do {
        #expect(try VariantGroup(bytes: bytes).bytes == bytes)
      } catch let error as RetortError {
        #expect(error.code == "augment.snapshot")
      }
    }
    var run = AugmentationRun(
      Self.examples(2), by: DistilledBiLSTMAugmenter(DistilledBiLSTMRules(), unigrams: nil, seed: 0), on: ThreadTeam(1))
    #expect(throws: RetortError.self) { try run.restore(group.bytes) }
  }

  @Test func joining() {
    let examples = [
      LabelledExample("a b", target: .label(1)), LabelledExample("c", target: .value(2.5)), LabelledExample("a b"),
    ]
    let group = VariantGroup([
      [Variant("a x"), Variant("c"), Variant("a y")], [Variant("z"), Variant("a x")], [Variant("q")],
    ])
    #expect(
      group.joined(with: examples, labels: .copied) == [
        examples[0], LabelledExample("a x", target: .label(1)), LabelledExample("a y", target: .label(1)), examples[1],
        LabelledExample("z", target: .value(2.5)), examples[2], LabelledExample("q"),
      ])
    #expect(
      group.joined(with: examples, labels: .none) == [
        examples[0], LabelledExample("a x"), LabelledExample("a y"), examples[1], LabelledExample("z"), examples[2],
        LabelledExample("q"),
      ])
  }
}
