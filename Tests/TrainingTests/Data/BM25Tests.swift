import Foundation
import RetortTesting
import Testing
import Training

struct BM25Tests {
  /// Three passages whose scores were worked out by hand for k1 = 1.2, b = 0.75.
  ///
  /// Lengths 3, 2, 4: mean 3. "cat" is in passages 1 and 3: idf = ln(1 + 1.5 / 2.5) = 0.470004. Passage 1 has it twice:
  /// 0.470004 · 2 / (2 + 1.2) = 0.293752. Passage 3 has it once: 0.470004 / (1 + 1.2 · (0.25 + 0.75 · 4 / 3)) = 0.188001.
  /// "fish" is in passage 2 alone: idf = ln(1 + 2.5 / 1.5) = 0.980829; 0.980829 / (1 + 1.2 · (0.25 + 0.75 · 2 / 3)) =
  /// 0.516226.
  @Test func byHand() {
    var index = BM25Index(BM25Options(k1: 1.2, b: 0.75))
    for text in ["Cat, cat: mat", "a fish!", "the cat sat down"] { index.add(text) }
    let cats = index.best(9, for: "CAT")
    #expect(cats.map(\.passage) == [0, 2])
    #expect(abs(cats[0].score - 0.293752) < 1e-6 && abs(cats[1].score - 0.188001) < 1e-6)
    let both = index.best(2, for: "cat fish?")
    #expect(both.map(\.passage) == [1, 0] && abs(both[0].score - 0.516226) < 1e-6)
    // A word twice in the query counts twice.
    #expect(abs(index.best(1, for: "fish fish")[0].score - 1.032452) < 1e-6)
    #expect(index.best(5, for: "dog").isEmpty && index.best(0, for: "cat").isEmpty && index.best(5, for: "").isEmpty)
  }

  @Test func words() {
    #expect(BM25Index.words(of: "The 2nd, COVID-19 (test)…") == ["the", "2nd", "covid", "19", "test"])
    #expect(BM25Index.words(of: "Ärzte—naïve x² 漢字") == ["ärzte", "naïve", "x²", "漢字"])
    #expect(BM25Index.words(of: " \n").isEmpty && BM25Index().best(3, for: "a").isEmpty)
  }

  @Test func equalScoresKeepTheirOrder() {
    var index = BM25Index()
    for text in ["b a", "a b", "c", "a c"] { index.add(text) }
    #expect(index.best(2, for: "a").map(\.passage) == [0, 1])
  }

  /// Random passages against the formula written out passage by passage, without an index.
  @Test func againstTheFormula() {
    var dice = FuzzDice(seed: 8)
    let vocabulary = (0..<30).map { "w\($0)" }
    func text(_ count: Int) -> [String] {
      (0..<count).map { _ in vocabulary[Int.random(in: 0..<30, using: &dice) % Int.random(in: 1...30, using: &dice)] }
    }
    let passages = (0..<60).map { _ in text(Int.random(in: 0...20, using: &dice)) }
    let options = BM25Options(k1: 0.9, b: 0.4)
    var index = BM25Index(options)
    for passage in passages { index.add(passage.joined(separator: " ")) }
    let mean = Double(passages.map(\.count).reduce(0, +)) / 60
    for _ in 0..<40 {
      let query = text(5)
      let scores = passages.map { passage -> Double in
        query.reduce(0) { sum, word in
          let frequency = Double(passage.filter { $0 == word }.count)
          let having = Double(passages.filter { $0.contains(word) }.count)
          let idf = log(1 + (60 - having + 0.5) / (having + 0.5))
          let length = Double(passage.count) / mean
          let saturation: Double = 0.9 * (0.6 + 0.4 * length)
          return sum + idf * frequency / (frequency + saturation)
        }
      }
      let hits = index.best(60, for: query.joined(separator: " "))
      #expect(hits.count == scores.count { $0 > 0 })
      #expect(hits.allSatisfy { abs($0.score - scores[$0.passage]) < 1e-12 })
      #expect(zip(hits, hits.dropFirst()).allSatisfy { $0.score >= $1.score })
    }
  }
}
