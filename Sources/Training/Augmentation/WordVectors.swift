import Artifacts
import Models
import Tensors

/// Words as vectors, and the nearest ones by cosine (Pennington et al. 2014, "GloVe").
public struct WordVectors: Sendable {
  public let words: [String]
  public let dimensions: Int
  private let places: [String: Int]
  /// [words, dimensions], rows of length 1, or 0 for a vector of zeros.
  private let rows: FlatBuffer<Float>
  private let packed: PackedWeight

  /// Words whose vectors are used at the most, the first of the file: as in TinyBERT, whose file is sorted by frequency.
  public static let standardLimit = 100_000

  /// Takes vectors row by row: [words, dimensions]. No word is there twice.
  init(words: [String], values: [Float], dimensions: Int) {
    (self.words, self.dimensions) = (words, dimensions)
    places = Dictionary(words.enumerated().map { ($1, $0) }) { first, _ in first }
    rows = FlatBuffer(values)
    for row in words.indices {
      let values = rows.pointer + row * dimensions
      var square = 0.0
      for column in 0..<dimensions { square += Double(values[column]) * Double(values[column]) }
      let length = max(square.squareRoot(), 1e-12)
      for column in 0..<dimensions { values[column] = Float(Double(values[column]) / length) }
    }
    packed = PackedWeight(rows.pointer, outputs: words.count, inputs: dimensions)
  }

  /// Whether a word has a vector, as it is spelled or in lower case.
  public func contains(_ word: String) -> Bool { place(of: word) != nil }

  private func place(of word: String) -> Int? { places[word] ?? places[word.lowercased()] }

  /// The nearest words of each word by cosine, nearest first, the earlier of equally near ones; itself left out.
  ///
  /// - Returns: `count` words for each, fewer where there are not so many; none for a word without a vector.
  public func neighbours(of queries: [String], count: Int) -> [[String]] {
    let known = queries.enumerated().compactMap { index, word in place(of: word).map { (index, $0) } }
    var result = [[String]](repeating: [], count: queries.count)
    // The memory of one call: 16 rows of cosines.
    for start in stride(from: 0, to: known.count, by: 16) {
      let part = Array(known[start..<min(start + 16, known.count)])
      let x = FlatBuffer<Float>(count: part.count * dimensions)
      for (row, query) in part.enumerated() {
        (x.pointer + row * dimensions).update(from: rows.pointer + query.1 * dimensions, count: dimensions)
      }
      let cosines = FlatBuffer<Float>(count: part.count * words.count)
      packed.apply(to: x.pointer, rows: part.count, bias: nil, into: cosines.pointer)
      for (row, query) in part.enumerated() {
        let all = UnsafeBufferPointer(start: cosines.pointer + row * words.count, count: words.count)
        let best = LargestValues.places(in: all, count: count, except: query.1)
        result[query.0] = best.map { words[$0] }
      }
    }
    return result
  }
}
