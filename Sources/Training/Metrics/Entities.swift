/// A run of words that tags mark as one thing.
public struct Entity: Sendable, Hashable {
  public var type: String
  /// Its words.
  public var words: Range<Int>

  public init(_ type: String, _ words: Range<Int>) { (self.type, self.words) = (type, words) }
}

/// How tags such as `B-PER` mark entities.
public enum EntityScheme: String, Sendable, Codable {
  /// B begins, I goes on.
  case iob2
  /// B begins, I goes on, E ends, S stands alone.
  case iobes

  /// `iobes` where a tag begins with E or S, else `iob2`.
  public init(of tags: some Sequence<String>) {
    self = tags.contains { $0.hasPrefix("E-") || $0.hasPrefix("S-") } ? .iobes : .iob2
  }
}

/// A tag cut into its prefix and its type.
struct SplitTag: Equatable {
  /// `B`, `I`, `O` and the like.
  var prefix: Character
  /// `_` where there is none.
  var type: String

  static let outside = SplitTag(prefix: "O", type: "_")

  init(prefix: Character, type: String) { (self.prefix, self.type) = (prefix, type) }

  init(_ tag: String) {
    guard let first = tag.first else {
      self = .outside
      return
    }
    prefix = first
    let parts = tag.dropFirst().split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let last = parts.last.map(String.init) ?? ""
    type = last.isEmpty ? "_" : last
  }
}

extension Metrics {
  /// The entities of one sentence as seqeval's default mode reads them, after the CoNLL script: lenient, so that an I
  /// without a B begins an entity and a change of type ends one.
  public static func entities(of tags: [String]) -> [Entity] { entities(of: tags.map { SplitTag($0) }) }

  static func entities(of tags: [SplitTag]) -> [Entity] {
    var entities: [Entity] = []
    var start = 0
    var before = SplitTag.outside
    for (index, tag) in (tags + [.outside]).enumerated() {
      if ends(before, tag) { entities.append(Entity(before.type, start..<index)) }
      if begins(before, tag) { start = index }
      before = tag
    }
    return entities
  }

  private static func isInside(_ prefix: Character) -> Bool { prefix != "O" && prefix != "." }

  private static func ends(_ before: SplitTag, _ tag: SplitTag) -> Bool {
    switch (before.prefix, tag.prefix) {
    case ("E", _), ("S", _), ("B", "B"), ("B", "S"), ("B", "O"), ("I", "B"), ("I", "S"), ("I", "O"): true
    default: isInside(before.prefix) && before.type != tag.type
    }
  }

  private static func begins(_ before: SplitTag, _ tag: SplitTag) -> Bool {
    switch (before.prefix, tag.prefix) {
    case (_, "B"), (_, "S"), ("E", "E"), ("E", "I"), ("S", "E"), ("S", "I"), ("O", "E"), ("O", "I"): true
    default: isInside(tag.prefix) && before.type != tag.type
    }
  }

  /// The entities of one sentence that are whole in a scheme (seqeval's strict mode): B and its I for `iob2`, S or B I … E
  /// for `iobes`, all of one type. What does not fit is none; so are prefixes that the scheme does not know.
  public static func strictEntities(of tags: [String], in scheme: EntityScheme) -> [Entity] {
    strictEntities(of: tags.map { SplitTag($0) }, in: scheme)
  }

  static func strictEntities(of tags: [SplitTag], in scheme: EntityScheme) -> [Entity] {
    var entities: [Entity] = []
    var index = 0
    while index < tags.count {
      let tag = tags[index]
      let start = index
      index += 1
      if scheme == .iobes, tag.prefix == "S" { entities.append(Entity(tag.type, start..<index)) }
      guard tag.prefix == "B" else { continue }
      while index < tags.count, tags[index] == SplitTag(prefix: "I", type: tag.type) { index += 1 }
      switch scheme {
      case .iob2: entities.append(Entity(tag.type, start..<index))
      case .iobes:
        guard index < tags.count, tags[index] == SplitTag(prefix: "E", type: tag.type) else { continue }
        index += 1
        entities.append(Entity(tag.type, start..<index))
      }
    }
    return entities
  }

  /// Micro-averaged scores of entities, and of each type.
  public struct EntityScores: Sendable, Equatable {
    public var all: ClassScore
    public var types: [String: ClassScore]
  }

  /// Entities that are right in type and in both ends, over all sentences.
  ///
  /// - Parameters:
  ///   - predictions, labels: a tag a word, a list a sentence.
  ///   - scheme: counts strictly in this scheme; nil counts as seqeval does by default.
  public static func entityScores(
    _ predictions: [[String]], _ labels: [[String]], strictIn scheme: EntityScheme? = nil
  ) throws -> EntityScores {
    try check(predictions.count, labels.count, "entity score")
    return EntityCounts.sum(
      try zip(predictions, labels).map { pair in
        guard pair.0.count == pair.1.count else { throw misfit("A sentence has unlike numbers of tags.") }
        return EntityCounts(pair.0.map { SplitTag($0) }, pair.1.map { SplitTag($0) }, strictIn: scheme)
      }, weights: nil
    ).scores
  }
}

/// What one sentence adds to the scores of entities, by type.
struct EntityCounts: Sendable {
  struct Counts: Sendable {
    var hits = 0
    var predicted = 0
    var support = 0

    var score: Metrics.ClassScore {
      Metrics.ClassScore(
        precision: ConfusionTable.ratio(hits, predicted), recall: ConfusionTable.ratio(hits, support),
        f1: ConfusionTable.ratio(2 * hits, predicted + support), support: support)
    }

    mutating func add(_ other: Counts, times weight: Int) {
      hits += weight * other.hits
      predicted += weight * other.predicted
      support += weight * other.support
    }
  }

  private(set) var types: [String: Counts] = [:]
  private(set) var all = Counts()

  init() {}

  init(_ predictions: [SplitTag], _ labels: [SplitTag], strictIn scheme: EntityScheme?) {
    func entities(_ tags: [SplitTag]) -> [Entity] {
      scheme.map { Metrics.strictEntities(of: tags, in: $0) } ?? Metrics.entities(of: tags)
    }
    let (found, right) = (entities(predictions), entities(labels))
    let known = Set(right)
    for entity in found {
      types[entity.type, default: Counts()].predicted += 1
      if known.contains(entity) { types[entity.type, default: Counts()].hits += 1 }
    }
    for entity in right { types[entity.type, default: Counts()].support += 1 }
    for counts in types.values { all.add(counts, times: 1) }
  }

  static func sum(_ sentences: [EntityCounts], weights: [Int]?) -> EntityCounts {
    var sum = EntityCounts()
    for (index, sentence) in sentences.enumerated() {
      let weight = weights?[index] ?? 1
      sum.all.add(sentence.all, times: weight)
      for (type, counts) in sentence.types { sum.types[type, default: Counts()].add(counts, times: weight) }
    }
    return sum
  }

  /// The sum without the types, which bootstraps do not ask for.
  static func total(_ sentences: [EntityCounts], weights: [Int]?) -> Counts {
    var sum = Counts()
    for (index, sentence) in sentences.enumerated() { sum.add(sentence.all, times: weights?[index] ?? 1) }
    return sum
  }

  var scores: Metrics.EntityScores { Metrics.EntityScores(all: all.score, types: types.mapValues(\.score)) }
}
