/// Statements without an opinion, as asides and as sentences of their own.
struct ReviewFacts {
  let domain: ReviewLexicon.Domain

  func aside(_ dice: inout ReviewDice) -> String {
    typealias Words = ReviewLexicon
    switch domain {
    case .film:
      return dice.chance(50)
        ? "; it runs for \(dice.pick(Words.numbers)) minutes" : "; it was shot in \(dice.pick(Words.places))"
    case .product:
      return dice.chance(50)
        ? "; it comes in \(ReviewClauses.withArticle(dice.pick(Words.colours))) \(dice.pick(Words.containers))"
        : "; \(dice.pick(Words.brands)) makes it in \(dice.pick(Words.colours))"
    }
  }

  func sentence(_ dice: inout ReviewDice) -> String {
    typealias Words = ReviewLexicon
    let item = dice.pick(Words.items(domain))
    let aspect = dice.pick(Words.aspects(domain))
    let name = dice.pick(Words.names)
    let place = dice.pick(Words.places)
    let setting = dice.pick(Words.settings)
    switch (domain, dice.number(below: 5)) {
    case (.film, 0): return "this \(item) is about \(dice.pick(Words.subjects)) in \(place)"
    case (.film, 1):
      let length = dice.pick(Words.numbers)
      return "the \(item) by \(name) is set in \(ReviewClauses.withArticle(setting)) and runs for \(length) minutes"
    case (.film, 2): return "\(name) wrote the \(aspect) in \(dice.pick(Words.months)) in \(place)"
    case (.film, 3): return "we saw the \(item) about \(dice.pick(Words.subjects)) on \(dice.pick(Words.days))"
    case (.product, 0):
      let colours = [dice.pick(Words.colours), dice.pick(Words.colours)]
      return "this \(item) from \(dice.pick(Words.brands)) comes in \(colours[0]) and \(colours[1])"
    case (.product, 1): return "I bought the \(item) in \(dice.pick(Words.months)) for \(dice.pick(Words.purposes))"
    case (.product, 2):
      return "the \(aspect) of the \(dice.pick(Words.brands)) \(item) is \(dice.pick(Words.colours))"
    case (.product, 3): return "we keep the \(item) in the \(setting) for \(dice.pick(Words.purposes))"
    default:
      let profession = ReviewClauses.withArticle(dice.pick(Words.professions))
      return "my \(dice.pick(Words.relations)) , \(profession) from \(place) , has this \(item)"
    }
  }
}
