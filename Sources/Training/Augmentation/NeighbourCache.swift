import Synchronization

/// Remembers the neighbours of words, for many texts share their words. Any number of threads may use it.
final class NeighbourCache: Sendable {
  private let vectors: WordVectors
  private let count: Int
  private let known = Mutex<[String: [String]]>([:])

  init(_ vectors: WordVectors, count: Int) {
    self.vectors = vectors
    self.count = count
  }

  /// The neighbours of each word; none where it has no vector.
  func neighbours(of words: [String]) -> [String: [String]] {
    var result: [String: [String]] = [:]
    known.withLock { known in
      for word in words { result[word] = known[word] }
    }
    let missing = Set(words).filter { result[$0] == nil }.sorted()
    guard !missing.isEmpty else { return result }
    // Outside of the lock: two threads may find the same, which is the same.
    let found = vectors.neighbours(of: missing, count: count)
    known.withLock { known in
      for (word, neighbours) in zip(missing, found) { known[word] = neighbours }
    }
    for (word, neighbours) in zip(missing, found) { result[word] = neighbours }
    return result
  }
}
