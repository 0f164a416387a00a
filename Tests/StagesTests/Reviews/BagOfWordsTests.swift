import Foundation
import Stages
import Testing

/// A logistic regression on which words occur: what can be told of a review without its grammar.
///
/// AdaGrad (Duchi et al. 2011) on the log loss with an L2 penalty; one weight a word and one for the bias.
private struct BagOfWords {
  private var weights: [Float] = []
  private var index: [String: Int] = [:]

  static func words(_ text: String) -> Set<String> {
    Set(text.lowercased().split { !($0.isLetter || $0 == "'") }.map(String.init))
  }

  private func features(_ text: String) -> [Int] { Self.words(text).compactMap { index[$0] }.sorted() + [0] }

  private func margin(_ features: [Int]) -> Float { features.reduce(0) { $0 + weights[$1] } }

  init(_ examples: [Reviews.Example], penalty: Float, epochs: Int = 15) {
    for example in examples {
      for word in Self.words(example.text).sorted() where index[word] == nil { index[word] = index.count + 1 }
    }
    weights = [Float](repeating: 0, count: index.count + 1)
    var squares = [Float](repeating: 1e-6, count: weights.count)
    let rows = examples.map { (features($0.text), $0.isPositive ? Float(1) : -1) }
    for _ in 0..<epochs {
      for (row, sign) in rows {
        let slope = -sign / (1 + exp(sign * margin(row)))
        for feature in row {
          let gradient = slope + penalty * weights[feature]
          squares[feature] += gradient * gradient
          weights[feature] -= 0.3 * gradient / squares[feature].squareRoot()
        }
      }
    }
  }

  func accuracy(on examples: [Reviews.Example]) -> Double {
    Double(examples.count { (margin(features($0.text)) > 0) == $0.isPositive }) / Double(examples.count)
  }
}

@Suite("Words alone")
struct BagOfWordsTests {
  @Test("a regularised logistic regression on words learns something, and stays far below a transformer")
  func bagOfWords() throws {
    let reviews = Reviews(seed: 7)
    let models = [Float(3e-2), 3e-3, 3e-4].map { BagOfWords(reviews.train, penalty: $0) }
    let chosen = try #require(models.max { $0.accuracy(on: reviews.dev) < $1.accuracy(on: reviews.dev) })
    let accuracy = chosen.accuracy(on: reviews.test)
    #expect((0.62...0.80).contains(accuracy), "\(accuracy)")
  }
}
