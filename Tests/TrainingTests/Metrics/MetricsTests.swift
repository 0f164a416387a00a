import Artifacts
import Foundation
import Testing

@testable import Training

@Suite("Metrics")
struct MetricsTests {
  struct Reference: Decodable {
    struct Classes: Decodable {
      let classes: Int
      let labels, predictions, support: [Int]
      let precision, recall, f1: [Double]
      let accuracy, macro, weighted, matthews: Double
    }
    struct Pair: Decodable {
      let x, y: [Double]
      let pearson, spearman, squared: Double
    }
    struct Share: Decodable {
      let correct, count: Int
      let confidence, low, high: Double
    }
    struct Bootstrap: Decodable {
      let values, other: [Double]
      let low, high, gapLow, gapHigh: Double
    }
    let classes: [Classes]
    let pairs: [Pair]
    let shares: [Share]
    let bootstrap: Bootstrap
  }

  let reference: Reference

  init() throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    reference = try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: tests.appending(path: "Goldens/metrics/reference.json")))
  }

  private func near(_ value: Double, _ wanted: Double) -> Bool { abs(value - wanted) <= 1e-12 * max(1, abs(wanted)) }
  private func near(_ values: [Double], _ wanted: [Double]) -> Bool {
    values.count == wanted.count && zip(values, wanted).allSatisfy { near($0, $1) }
  }

  @Test("class scores equal scikit-learn's")
  func classes() throws {
    for item in reference.classes {
      let (chosen, labels, count) = (item.predictions, item.labels, item.classes)
      #expect(near(try Metrics.accuracy(chosen, labels), item.accuracy))
      let scores = try Metrics.scores(chosen, labels, classes: count)
      #expect(near(scores.map(\.precision), item.precision))
      #expect(near(scores.map(\.recall), item.recall))
      #expect(near(scores.map(\.f1), item.f1))
      #expect(scores.map(\.support) == item.support)
      #expect(near(try Metrics.macroF1(chosen, labels, classes: count), item.macro))
      #expect(near(try Metrics.weightedF1(chosen, labels, classes: count), item.weighted))
      #expect(near(try Metrics.matthews(chosen, labels, classes: count), item.matthews))
    }
  }

  @Test("correlations equal SciPy's, with and without ties")
  func correlations() throws {
    for pair in reference.pairs {
      #expect(near(try Metrics.pearson(pair.x, pair.y), pair.pearson))
      #expect(near(try Metrics.spearman(pair.x, pair.y), pair.spearman))
      #expect(near(try Metrics.meanSquaredError(pair.x, pair.y), pair.squared))
    }
    #expect(try Metrics.pearson([0.1, 0.1, 0.1], [1, 2, 3]) == 0)
    #expect(try Metrics.spearman([1, 2, 3], [7, 7, 7]) == 0)
  }

  @Test("Wilson intervals equal SciPy's")
  func wilson() throws {
    for share in reference.shares {
      let interval = try Metrics.wilson(correct: share.correct, of: share.count, confidence: share.confidence)
      #expect(abs(interval.low - share.low) < 1e-12)
      #expect(abs(interval.high - share.high) < 1e-12)
    }
  }

  @Test("bootstrap intervals agree with SciPy's up to sampling, and repeat for a seed")
  func bootstrap() throws {
    let facts = reference.bootstrap
    let interval = try Metrics.bootstrapMean(facts.values, seed: 7)
    // 800 examples: the interval is 0.05 wide; its ends wander by about a tenth of that over 1000 resamples.
    #expect(abs(interval.low - facts.low) < 0.005)
    #expect(abs(interval.high - facts.high) < 0.005)
    let gap = try Metrics.pairedDifference(facts.values, facts.other, seed: 7)
    #expect(abs(gap.low - facts.gapLow) < 0.005)
    #expect(abs(gap.high - facts.gapHigh) < 0.005)
    #expect(try Metrics.bootstrapMean(facts.values, seed: 7) == interval)
    #expect(try Metrics.bootstrapMean(facts.values, seed: 8) != interval)
    let same = try Metrics.pairedDifference(facts.values, facts.values, resamples: 50, seed: 1)
    #expect(same == Interval(low: 0, high: 0))
  }

  @Test("lists that do not fit are refused")
  func refusals() {
    #expect(throws: RetortError.self) { try Metrics.accuracy([1], [1, 2]) }
    #expect(throws: RetortError.self) { try Metrics.accuracy([Int](), []) }
    #expect(throws: RetortError.self) { try Metrics.f1([0, 2], [0, 1], classes: 2) }
    #expect(throws: RetortError.self) { try Metrics.f1([0, 1], [0, -1], classes: 2) }
    #expect(throws: RetortError.self) { try Metrics.pearson([1], []) }
    #expect(throws: RetortError.self) { try Metrics.wilson(correct: 3, of: 2) }
    #expect(throws: RetortError.self) { try Metrics.bootstrapMean([], seed: 1) }
    #expect(throws: RetortError.self) { try Metrics.bootstrapMean([1], confidence: 1, seed: 1) }
  }

  /// Quantiles as SciPy's `t.ppf(0.975, df)` gives them; the interval of the differences 1 … 5 follows by hand.
  @Test func intervalsOfAFewPairs() throws {
    for (degrees, expected) in [
      (1, 12.706204736174694), (2, 4.302652729749462), (4, 2.7764451051977987), (9, 2.2621571628540993),
      (30, 2.0422724563012373), (1_000, 1.9623390808264078),
    ] { #expect(abs(Metrics.studentQuantile(0.975, degrees: degrees) - expected) < 1e-9 * expected, "\(degrees)") }
    #expect(abs(Metrics.studentQuantile(0.5, degrees: 4)) < 1e-7)
    let (mean, interval) = try Metrics.meanInterval([1, 2, 3, 4, 5])
    #expect(mean == 3)
    #expect(abs(interval.high - (3 + 2.7764451051977987 * 0.5.squareRoot())) < 1e-9)
    #expect(abs(interval.low + interval.high - 6) < 1e-9)
    #expect(throws: RetortError.self) { try Metrics.meanInterval([1]) }
  }
}
