/// One domain's clauses: statements that hold an opinion of a given polarity, however it is worded.
///
/// Text is built with a space before every punctuation mark; `ReviewText` closes the gaps.
struct ReviewClauses {
  let domain: ReviewLexicon.Domain
  /// Percent of clauses that say what they mean by denying the contrary.
  let negations: Int

  func adjective(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    dice.pick(ReviewLexicon.adjectives(positive, domain))
  }

  /// An adjective that forms its comparative with “more” and “less”.
  func longAdjective(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    dice.pick(ReviewLexicon.adjectives(positive, domain).filter { $0.utf8.count > 6 })
  }

  func item(_ dice: inout ReviewDice) -> String { dice.pick(ReviewLexicon.items(domain)) }
  func aspect(_ dice: inout ReviewDice) -> String { dice.pick(ReviewLexicon.aspects(domain)) }
  func rival(_ dice: inout ReviewDice) -> String { "the " + dice.pick(ReviewLexicon.rivals(domain)) }

  func subject(_ dice: inout ReviewDice) -> String {
    switch dice.pick(weights: [50, 25, 15, 10]) {
    case 0: "the \(aspect(&dice))"
    case 1: "this \(item(&dice))"
    case 2: "its \(aspect(&dice))"
    default: "the \(aspect(&dice)) of this \(item(&dice))"
    }
  }

  /// clause → opinion | negated opinion
  func clause(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    dice.chance(negations) ? negated(positive, &dice) : direct(positive, &dice)
  }

  /// Says it straight: copula, verb of liking, or verdict noun.
  func direct(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    switch dice.pick(weights: [62, 16, 12, 10]) {
    case 0: return "\(subject(&dice)) \(dice.pick(Self.copulas)) \(graded(positive, &dice))"
    case 1:
      return "I \(dice.pick(["", "", "really ", "do "]))\(dice.pick(ReviewLexicon.likings(positive))) \(subject(&dice))"
    case 2: return "\(subject(&dice)) is \(Self.withArticle(dice.pick(ReviewLexicon.verdicts(positive))))"
    default:
      let second = adjective(positive, &dice)
      return "\(subject(&dice)) is \(adjective(positive, &dice)) and \(second)"
    }
  }

  /// Denies the contrary: the scope of the negation holds the opposite word.
  func negated(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    let contrary = adjective(!positive, &dice)
    let mild = dice.chance(30) ? dice.pick(ReviewLexicon.mildIntensifiers) + " " : ""
    let subject = subject(&dice)
    switch dice.pick(weights: [40, 22, 14, 10, 8, 6]) {
    case 0:
      let denial = dice.pick(["is not", "isn't", "is never", "does not feel", "doesn't seem"])
      return "\(subject) \(denial) \(mild)\(contrary)"
    case 1:
      return
        "\(subject) is \(dice.pick(["hardly", "far from", "anything but", "by no means", "in no way"])) \(contrary)"
    case 2:
      let denial = dice.pick(["don't", "do not", "could never", "cannot"])
      return "I \(denial) \(dice.pick(ReviewLexicon.likings(!positive))) \(subject)"
    case 3: return "\(subject) is no \(dice.pick(ReviewLexicon.verdicts(!positive)))"
    case 4: return "nobody \(dice.pick(["could", "would", "can"])) call \(subject) \(contrary)"
    default: return "there is nothing \(contrary) about \(subject)"
    }
  }

  /// An adjective, often with an intensifier.
  func graded(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    (dice.chance(35) ? dice.pick(ReviewLexicon.intensifiers) + " " : "") + adjective(positive, &dice)
  }

  private static let copulas = ["is", "is", "is", "feels", "seems", "turned out", "was", "remains"]

  static func withArticle(_ phrase: String) -> String {
    let vowel = phrase.first.map { "aeiou".contains($0) } ?? false
    let sounded = phrase.hasPrefix("one") || phrase.hasPrefix("use") || phrase.hasPrefix("uni")
    return (vowel && !sounded ? "an " : "a ") + phrase
  }
}
