/// Sentences whose label follows from how clauses of given polarity are put together.
struct ReviewSentences {
  let clauses: ReviewClauses

  /// What decides the label of a sentence.
  enum Rule: Int, CaseIterable {
    case plain, agreement, butWins, mainClauseWins, despite, comparison, irony, others, expectation

    /// Share of the sentences, in percent.
    var weight: Int {
      switch self {
      case .plain: 34
      case .agreement: 20
      case .butWins: 12
      case .mainClauseWins: 10
      case .despite: 5
      case .comparison: 7
      case .irony: 4
      case .others: 4
      case .expectation: 4
      }
    }
  }

  /// One sentence that means `positive`, without capital and full stop.
  func sentence(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    let rule = Rule(rawValue: dice.pick(weights: Rule.allCases.map(\.weight))) ?? .plain
    let core =
      switch rule {
      case .plain: clauses.clause(positive, &dice)
      case .agreement: agreement(positive, &dice)
      case .butWins: butWins(positive, &dice)
      case .mainClauseWins: mainClauseWins(positive, &dice)
      case .despite: despite(positive, &dice)
      case .comparison: comparison(positive, &dice)
      case .irony: irony(positive, &dice)
      case .others: others(positive, &dice)
      case .expectation: expectation(positive, &dice)
      }
    return distracted(core, percent: rule == .plain ? 35 : 12, &dice)
  }

  /// A and B: both are the verdict.
  private func agreement(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    let first = clauses.clause(positive, &dice)
    return "\(first) \(dice.pick([", and", ", and", ";", "; in short ,"])) \(clauses.clause(positive, &dice))"
  }

  /// A but B: B is the verdict.
  private func butWins(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    let first = clauses.clause(!positive, &dice)
    return "\(first) \(dice.pick([", but", ", yet", "; still ,", "; even so ,"])) \(clauses.clause(positive, &dice))"
  }

  /// Although A, B; or B although A: the main clause is the verdict, wherever it stands.
  private func mainClauseWins(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    let side = clauses.clause(!positive, &dice)
    let main = clauses.clause(positive, &dice)
    let word = dice.pick(["although", "though", "even though", "while"])
    return dice.chance(50) ? "\(word) \(side) , \(main)" : "\(main) , \(word) \(side)"
  }

  /// Despite its A, B; or B despite its A.
  private func despite(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    let side = "its \(clauses.adjective(!positive, &dice)) \(clauses.aspect(&dice))"
    let main = clauses.clause(positive, &dice)
    let word = dice.pick(["despite", "in spite of", "notwithstanding"])
    return dice.chance(50) ? "\(word) \(side) , \(main)" : "\(main) , \(word) \(side)"
  }

  /// Which way it compares decides; how good the rival is said to be does not.
  private func comparison(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    var rival = clauses.rival(&dice)
    if dice.chance(70) { rival = rival.replacingThe(with: clauses.adjective(dice.chance(50), &dice)) }
    let subject = clauses.subject(&dice)
    let far = dice.chance(30) ? dice.pick(["far ", "much ", "a lot "]) : ""
    switch dice.pick(weights: [40, 18, 18, 14, 10]) {
    case 0: return "\(subject) is \(far)\(positive ? "better" : "worse") than \(rival)"
    case 1: return "\(subject) is \(far)more \(clauses.longAdjective(positive, &dice)) than \(rival)"
    case 2: return "\(subject) is \(far)less \(clauses.longAdjective(!positive, &dice)) than \(rival)"
    case 3:
      let denial = dice.pick(["not as", "nowhere near as", "not half as"])
      return "\(subject) is \(denial) \(clauses.adjective(!positive, &dice)) as \(rival)"
    default: return positive ? "\(rival) is no match for \(subject)" : "\(subject) is no match for \(rival)"
    }
  }

  /// A marker of irony turns the statement round.
  private func irony(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    let contrary = clauses.direct(!positive, &dice)
    switch dice.pick(weights: [30, 30, 20, 20]) {
    case 0: return "\(dice.pick(["yeah right ,", "oh sure ,", "as if", "of course , and pigs can fly :"])) \(contrary)"
    case 1: return "\(contrary) , said nobody ever"
    case 2: return "\(contrary) , and I am the \(dice.pick(["queen of Sheba", "king of Siam", "pope"]))"
    default: return "“ \(contrary) ” : \(dice.pick(["what a joke", "tell me another", "pull the other leg"]))"
    }
  }

  /// What others think counts only if the writer says that they are right.
  private func others(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    let crowd = dice.pick(ReviewLexicon.crowds)
    switch dice.pick(weights: [30, 25, 25, 20]) {
    case 0:
      let liking = dice.pick(ReviewLexicon.likings(dice.chance(70) != positive))
      return "my \(dice.pick(ReviewLexicon.relations)) might \(liking) it , but \(clauses.clause(positive, &dice))"
    case 1:
      let assent = dice.pick(["they are right", "I agree", "they have a point"])
      return "\(crowd) call it \(clauses.adjective(positive, &dice)) , and \(assent)"
    case 2:
      let dissent = dice.pick(["they are wrong", "I disagree", "they must be joking"])
      return "\(crowd) call it \(clauses.adjective(!positive, &dice)) , but \(dissent)"
    default:
      let dismissal = dice.pick(["was asleep", "must be mad", "knows nothing", "is lying"])
      return "whoever calls this \(clauses.item(&dice)) \(clauses.adjective(!positive, &dice)) \(dismissal)"
    }
  }

  /// Hopes, fears and wishes: what was expected is not what is.
  private func expectation(_ positive: Bool, _ dice: inout ReviewDice) -> String {
    let contrary = clauses.adjective(!positive, &dice)
    let item = clauses.item(&dice)
    switch dice.pick(weights: [35, 25, 20, 20]) {
    case 0:
      let got = ReviewClauses.withArticle(clauses.adjective(positive, &dice))
      return "I expected \(ReviewClauses.withArticle(contrary)) \(item) and got \(got) one"
    case 1: return "I \(positive ? "feared" : "hoped for") something \(contrary) and got the opposite"
    case 2: return "\(clauses.subject(&dice)) should have been \(contrary) ; it is not"
    default:
      let liking = dice.pick(ReviewLexicon.likings(!positive))
      return "I would \(liking) it if \(clauses.subject(&dice)) were not so \(clauses.adjective(positive, &dice))"
    }
  }

  /// Adds, now and then, a clause that says nothing about quality.
  private func distracted(_ core: String, percent: Int, _ dice: inout ReviewDice) -> String {
    guard dice.chance(percent) else { return core }
    return dice.chance(40) ? "\(opening(&dice)) \(core)" : "\(core) \(aside(&dice))"
  }

  private func opening(_ dice: inout ReviewDice) -> String {
    typealias Words = ReviewLexicon
    switch dice.pick(weights: [20, 20, 20, 20, 20]) {
    case 0: return dice.pick(["to be honest ,", "for the record ,", "in my opinion ,", "by the way ,", "in short ,"])
    case 1: return "after \(dice.pick(Words.numbers)) \(dice.pick(Words.units)) ,"
    case 2: return "speaking as \(ReviewClauses.withArticle(dice.pick(Words.professions))) ,"
    case 3: return "on \(dice.pick(Words.days)) in \(dice.pick(Words.places)) it was settled :"
    default: return "\(dice.pick(Words.names)) and I agree :"
    }
  }

  private func aside(_ dice: inout ReviewDice) -> String {
    typealias Words = ReviewLexicon
    switch dice.pick(weights: [25, 25, 25, 25]) {
    case 0: return "; my \(dice.pick(Words.relations)) in \(dice.pick(Words.places)) has it too"
    case 1: return "; we tried it in \(dice.pick(Words.months)) with \(dice.pick(Words.names))"
    case 2: return ReviewFacts(domain: clauses.domain).aside(&dice)
    default: return "( \(dice.pick(Words.names)) from \(dice.pick(Words.places)) asked )"
    }
  }
}

extension String {
  /// `the old model` → `the dreadful old model`.
  fileprivate func replacingThe(with adjective: String) -> String {
    hasPrefix("the ") ? "the \(adjective) \(dropFirst(4))" : self
  }
}
