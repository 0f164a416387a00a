/// Finds what somebody may have meant by a word that is not there.
package enum Suggestion {
  /// The nearest of `candidates` within a third of the word's length, or nil.
  package static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let limit = max(1, word.count / 3)
    var best: (distance: Int, word: String)?
    for candidate in candidates {
      let distance = distance(from: word.lowercased(), to: candidate.lowercased(), limit: limit)
      guard let distance, distance < (best?.distance ?? .max) else { continue }
      best = (distance, candidate)
    }
    return best?.word
  }

  /// “Did you mean …?” with the nearest candidate, or a list of all where they are few.
  package static func hint(for word: String, among candidates: [String], noun: String) -> String {
    if let nearest = nearest(to: word, among: candidates) { return "Did you mean “\(nearest)”?" }
    guard !candidates.isEmpty else { return "There is no \(noun) at all." }
    let shown = candidates.prefix(8).joined(separator: ", ")
    return "Known: \(shown)\(candidates.count > 8 ? " and \(candidates.count - 8) more" : "")."
  }

  /// Edits between two words, a swap of neighbours counting as one; nil above `limit`.
  static func distance(from left: String, to right: String, limit: Int) -> Int? {
    let left = Array(left)
    let right = Array(right)
    guard abs(left.count - right.count) <= limit else { return nil }
    var before: [Int] = []
    var previous = Array(0...right.count)
    for row in left.indices {
      var current = [row + 1]
      for column in right.indices {
        let same = left[row] == right[column]
        var cost = min(previous[column + 1] + 1, current[column] + 1, previous[column] + (same ? 0 : 1))
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          cost = min(cost, before[column - 1] + 1)
        }
        current.append(cost)
      }
      before = previous
      previous = current
    }
    let distance = previous[right.count]
    return distance <= limit ? distance : nil
  }
}
