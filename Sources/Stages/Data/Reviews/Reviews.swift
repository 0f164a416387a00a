/// Short reviews of films and products, written by a grammar, with labels that follow from its rules.
///
/// The grammar is built so that words alone do not tell the label. A *clause* has a polarity and says it straight
/// (“the plot is witty”) or by denying the contrary (“the plot is anything but dull”). A *sentence* puts clauses
/// together, and one rule decides:
///
/// | rule | sentence | the label is that of |
/// | --- | --- | --- |
/// | plain | A | A |
/// | agreement | A, and B | both |
/// | but wins | A, but B | B |
/// | main clause wins | although A, B · B, although A | B |
/// | despite | despite its dull plot, B · B, despite … | B |
/// | comparison | better than the superb original · less dull than … | the direction, not the rival |
/// | irony | yeah right, A · A, said nobody ever | the contrary of A |
/// | others | critics call it A, and they are right · …, but they are wrong | A · the contrary |
/// | expectation | I expected A and got B · it should have been A; it is not | B · the contrary of A |
///
/// Intensifiers, distracting clauses (“we tried it in March with Greta”) and two domains with words of their own add
/// variety; sentences do not repeat, within a split or across. Raw sentences for masked-LM training come from the same
/// grammar, from facts without opinion, and from strings of clauses of one polarity, which tell what words go together.
///
/// The same seed gives the same text on every platform, and a smaller training set is the beginning of a larger one.
public struct Reviews: Sendable, Equatable {
  /// A review and whether it is favourable.
  public struct Example: Sendable, Equatable {
    public let text: String
    public let isPositive: Bool

    public init(text: String, isPositive: Bool) { (self.text, self.isPositive) = (text, isPositive) }
    /// 1 for favourable, 0 for not.
    public var label: Int { isPositive ? 1 : 0 }
  }

  /// How many sentences of each kind.
  public struct Sizes: Sendable, Equatable, Codable {
    public var train: Int
    public var dev: Int
    public var test: Int
    public var unlabelled: Int

    public init(train: Int = 6_000, dev: Int = 1_000, test: Int = 1_000, unlabelled: Int = 6_000) {
      (self.train, self.dev, self.test, self.unlabelled) = (train, dev, test, unlabelled)
    }
  }

  public let train: [Example]
  public let dev: [Example]
  public let test: [Example]
  public let unlabelled: [String]

  /// Half of each split is favourable (one more is not, where the size is odd).
  public init(seed: UInt64, sizes: Sizes = .init()) {
    var seen: Set<String> = []
    func split(_ stream: UInt64, _ count: Int) -> [Example] {
      var dice = ReviewDice(seed: seed, stream: stream)
      var examples: [Example] = []
      var attempts = 0
      while examples.count < count, attempts < 20 * count {
        attempts += 1
        // Labels alternate, so that any beginning is balanced; readers shuffle.
        let isPositive = examples.count % 2 == 1
        let text = ReviewText.finish(Self.writer(&dice).sentence(isPositive, &dice))
        if seen.insert(text).inserted { examples.append(Example(text: text, isPositive: isPositive)) }
      }
      return examples
    }
    // Held-out splits first: what they hold must not depend on how much is trained on.
    test = split(3, sizes.test)
    dev = split(2, sizes.dev)
    train = split(1, sizes.train)

    var dice = ReviewDice(seed: seed, stream: 4)
    var sentences: [String] = []
    var attempts = 0
    while sentences.count < sizes.unlabelled, attempts < 20 * sizes.unlabelled {
      attempts += 1
      let text = ReviewText.finish(Self.unlabelled(&dice))
      if seen.insert(text).inserted { sentences.append(text) }
    }
    unlabelled = sentences
  }

  private static func writer(_ dice: inout ReviewDice) -> ReviewSentences {
    let domain: ReviewLexicon.Domain = dice.chance(50) ? .film : .product
    return ReviewSentences(clauses: ReviewClauses(domain: domain, negations: 14))
  }

  private static func unlabelled(_ dice: inout ReviewDice) -> String {
    let writer = writer(&dice)
    let isPositive = dice.chance(50)
    switch dice.pick(weights: [40, 35, 25]) {
    case 0: return writer.sentence(isPositive, &dice)
    case 1:
      // Clauses that agree: words of one polarity meet.
      let first = writer.clauses.direct(isPositive, &dice)
      return "\(first) \(dice.pick([", and", ", so", "; in short ,"])) \(writer.clauses.direct(isPositive, &dice))"
    default: return ReviewFacts(domain: writer.clauses.domain).sentence(&dice)
    }
  }
}
