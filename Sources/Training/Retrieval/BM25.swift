import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How passages are scored for a query without any model (Robertson and Zaragoza 2009, in Lucene's variant).
///
/// score = Σ over the query's words, repeated ones again, of idf · f / (f + k1 · (1 − b + b · length / mean length)), with f
/// how often the word is in the passage, and idf = ln(1 + (N − n + ½) / (n + ½)) for n of N passages that have it.
public struct BM25Options: Sendable, Hashable, Codable {
  /// How soon repeated words stop to count.
  public var k1: Double
  /// How much long passages are held back: 0 not at all, 1 by their length.
  public var b: Double

  /// The defaults are those of Anserini, and of BEIR's reproductions.
  public init(k1: Double = 0.9, b: Double = 0.4) {
    self.k1 = k1
    self.b = b
  }

  /// What is wrong with the values: a field and a sentence each.
  public var faults: [(field: String, message: String)] {
    var faults: [(String, String)] = []
    if !(k1 >= 0 && k1.isFinite) { faults.append(("k1", "It is \(k1), not at least 0.")) }
    if !(0...1).contains(b) { faults.append(("b", "It is \(b), not in 0 … 1.")) }
    return faults
  }
}

/// An inverted index of passages. The passages themselves are not held.
public struct BM25Index: Sendable {
  public let options: BM25Options
  private var words: [String: Int32] = [:]
  /// For each word the passages that have it, ascending, and how often.
  private var postings: [[Posting]] = []
  private var lengths: [Int32] = []
  private var total = 0

  private struct Posting {
    var passage: Int32
    var count: Int32
  }

  /// A passage with its score.
  public struct Hit: Sendable, Hashable {
    /// The passage's number, in the order in which they were added.
    public var passage: Int
    public var score: Double
  }

  public init(_ options: BM25Options = BM25Options()) { self.options = options }

  public var count: Int { lengths.count }

  /// The words of a text: runs of letters and digits, in lower case.
  public static func words(of text: String) -> [String] {
    if text.utf8.allSatisfy({ $0 < 0x80 }) {
      return text.utf8.split { !isWord($0) }.map { word in
        String(decoding: word.map { (65...90).contains($0) ? $0 | 32 : $0 }, as: UTF8.self)
      }
    }
    return text.lowercased().unicodeScalars.split { scalar in
      scalar.isASCII
        ? !isWord(UInt8(scalar.value)) : !scalar.properties.isAlphabetic && scalar.properties.numericType == nil
    }.map { String($0) }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (97...122).contains(byte) || (48...57).contains(byte) || (65...90).contains(byte)
  }

  /// Adds the next passage.
  public mutating func add(_ text: String) {
    let passage = Int32(lengths.count)
    var length: Int32 = 0
    for word in Self.words(of: text) {
      length += 1
      let number = words[word] ?? Int32(postings.count)
      if Int(number) == postings.count {
        words[word] = number
        postings.append([])
      }
      let last = postings[Int(number)].count - 1
      if last >= 0, postings[Int(number)][last].passage == passage {
        postings[Int(number)][last].count += 1
      } else {
        postings[Int(number)].append(Posting(passage: passage, count: 1))
      }
    }
    lengths.append(length)
    total += Int(length)
  }

  /// The best passages for a query, best first, equal scores in the order of the passages; fewer than `count` where fewer
  /// have a word of it.
  public func best(_ count: Int, for query: String) -> [Hit] {
    guard count > 0, total > 0 else { return [] }
    var scores = [Double](repeating: 0, count: lengths.count)
    var touched: [Int] = []
    let mean = Double(total) / Double(lengths.count)
    for word in Self.words(of: query) {
      guard let number = words[word] else { continue }
      let postings = postings[Int(number)]
      let having = Double(postings.count)
      let rarity = log(1 + (Double(lengths.count) - having + 0.5) / (having + 0.5))
      for posting in postings {
        let (passage, frequency) = (Int(posting.passage), Double(posting.count))
        let length = Double(lengths[passage]) / mean
        let saturation = options.k1 * (1 - options.b + options.b * length)
        // Every share is above 0.
        if scores[passage] == 0 { touched.append(passage) }
        scores[passage] += rarity * frequency / (frequency + saturation)
      }
    }
    touched.sort { left, right in scores[left] == scores[right] ? left < right : scores[left] > scores[right] }
    return touched.prefix(count).map { Hit(passage: $0, score: scores[$0]) }
  }
}
