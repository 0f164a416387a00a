import Stages
import Testing

@Suite("Generated reviews")
struct ReviewsTests {
  static let reviews = Reviews(seed: 7)

  private func words(_ text: String) -> [String] {
    text.lowercased().split { !($0.isLetter || $0 == "'") }.map(String.init)
  }

  @Test("sizes, balance and breadth are as promised")
  func shape() {
    let reviews = Self.reviews
    #expect(reviews.train.count == 6_000)
    #expect(reviews.dev.count == 1_000)
    #expect(reviews.test.count == 1_000)
    #expect(reviews.unlabelled.count == 6_000)
    for split in [reviews.train, reviews.dev, reviews.test] {
      #expect(split.count { $0.isPositive } == split.count / 2)
    }
    let labelled = reviews.train.map(\.text) + reviews.dev.map(\.text) + reviews.test.map(\.text)
    #expect(Set((labelled + reviews.unlabelled).flatMap(words)).count > 1_000)
    let length = Double(labelled.map { words($0).count }.reduce(0, +)) / Double(labelled.count)
    #expect((8...12).contains(length), "\(length) words a sentence")
  }

  @Test("no sentence stands twice, within a split or across")
  func distinct() {
    let reviews = Self.reviews
    let all = (reviews.train + reviews.dev + reviews.test).map(\.text) + reviews.unlabelled
    #expect(Set(all).count == all.count)
  }

  @Test("the seed fixes the text; a smaller set is the start of a larger one")
  func seeds() {
    let sizes = Reviews.Sizes(train: 200, dev: 50, test: 50, unlabelled: 100)
    let first = Reviews(seed: 1, sizes: sizes)
    #expect(first == Reviews(seed: 1, sizes: sizes))
    #expect(first.train != Reviews(seed: 2, sizes: sizes).train)
    var larger = sizes
    larger.train = 400
    #expect(Array(Reviews(seed: 1, sizes: larger).train.prefix(200)) == first.train)
  }

  @Test("sentences are written as English is")
  func form() {
    for text in Self.reviews.train.map(\.text) + Self.reviews.unlabelled {
      let letters = text.filter { $0.isLetter }
      #expect(text.hasSuffix(".") && letters.first?.isUppercase == true, "\(text)")
      #expect(!text.contains("  ") && !text.contains(" ,"), "\(text)")
      let tokens = text.lowercased().split { !($0.isLetter || $0 == "'") }
      for (article, word) in zip(tokens, tokens.dropFirst()) where article == "a" || article == "an" {
        let isVowel = word.first.map { "aeiou".contains($0) } ?? false
        #expect(isVowel == (article == "an") || word.hasPrefix("use") || word.hasPrefix("one"), "\(text)")
      }
    }
  }

  @Test("nothing is made where nothing is wanted")
  func empty() {
    let none = Reviews(seed: 3, sizes: .init(train: 0, dev: 0, test: 0, unlabelled: 0))
    #expect(none.train.isEmpty && none.dev.isEmpty && none.test.isEmpty && none.unlabelled.isEmpty)
  }
}
