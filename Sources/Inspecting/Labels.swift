import Artifacts
import Storing

/// The labels that recent runs gave to keys. Artifacts know no labels: they are joined here, when something is shown.
///
/// Runs are read from the newest on, and only as many as a question needs.
public final class Labels {
  /// A step with the run that had it.
  public struct Place: Sendable, Hashable {
    public var run: RunID
    public var step: RunStep
  }

  private let cache: Cache
  /// The next run to read; 0 when all were.
  private var next: Int64
  private var read: [RunSteps] = []
  private var known: Set<Digest> = []
  private var names: [Key: String] = [:]

  /// How many runs are looked through for a label, and for the labels of keys.
  private static let (forLabels, forKeys) = (200, 20)

  public init(_ cache: Cache) throws {
    self.cache = cache
    next = try cache.newestRun
  }

  /// The labels of keys, as far as the newest runs had them.
  public func names(of keys: some Sequence<Key>) throws -> [Key: String] {
    var missing = Set(keys).subtracting(names.keys)
    var position = 0
    while !missing.isEmpty, let steps = try steps(position, atMost: Self.forKeys) {
      try steps.name(&missing, into: &names)
      position += 1
    }
    return names
  }

  /// The label of one key.
  public func name(of key: Key) throws -> String? { try names(of: CollectionOfOne(key))[key] }

  /// The newest step with a label. An older run that reached the step says more than a newer one that did not.
  public func place(_ label: String) throws -> Place? {
    var found: Place?
    var position = 0
    while let steps = try steps(position, atMost: Self.forLabels) {
      position += 1
      guard let step = try steps.step(labelled: label) else { continue }
      if step.key != nil { return Place(run: steps.run, step: step) }
      if found == nil { found = Place(run: steps.run, step: step) }
    }
    return found
  }

  /// Labels that look like `text`, the nearest first, for a message about one that is not there.
  func similar(to text: String, limit: Int = 5) throws -> [String] {
    let wanted = text.lowercased()
    var seen: Set<String> = []
    var close: [(rank: Int, label: String)] = []
    var position = 0
    while let steps = try steps(position, atMost: Self.forKeys) {
      position += 1
      for label in try steps.labels where seen.insert(label).inserted {
        let lower = label.lowercased()
        if lower.contains(wanted), !wanted.isEmpty {
          close.append((0, label))
        } else if lower.hasPrefix(wanted.prefix(3)), wanted.count >= 3 {
          close.append((1, label))
        }
      }
    }
    return close.sorted { ($0.rank, $0.label) < ($1.rank, $1.label) }.prefix(limit).map(\.label)
  }

  /// The steps of the `position`th of the newest runs whose steps differ from those of newer ones.
  private func steps(_ position: Int, atMost limit: Int) throws -> RunSteps? {
    guard position < limit else { return nil }
    while read.count <= position, next > 0 {
      if let steps = try cache.runSteps(of: RunID(next), besides: known) {
        known.insert(steps.digest)
        read.append(steps)
      }
      next -= 1
    }
    return read.indices.contains(position) ? read[position] : nil
  }
}
