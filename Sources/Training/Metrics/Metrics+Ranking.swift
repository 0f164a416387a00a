import Artifacts
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// Scores of one query's candidates. Grades of relevance are 0 for none; any above 0 is relevant. `missed` are the grades of
// relevant passages that are no candidates, as where candidates were retrieved: the ideal order and the number of relevant
// ones count them, and no order of the candidates makes up for them.
//
// Equal scores: nDCG takes the mean over all orders of them (McSherry and Najork 2008), as scikit-learn does. All others
// take the least favourable order, so that no model gains by answering everything alike.
extension Metrics {
  /// DCG at `depth` over that of the best order: gains are the grades, discounts 1 / log2(place + 1) (Järvelin and Kekäläinen
  /// 2002; scikit-learn's `ndcg_score`, and trec_eval's `ndcg_cut`). 0 without a relevant candidate.
  ///
  /// - Parameters:
  ///   - depth: places that count; nil for all.
  ///   - isExponential: gains of 2^grade − 1 (Burges et al. 2005).
  public static func ndcg(
    _ scores: [Double], _ grades: [Double], at depth: Int? = nil, isExponential: Bool = false, missed: [Double] = []
  ) throws -> Double {
    try check(scores.count, grades.count, "nDCG")
    func gained(_ grades: [Double]) -> [Double] { isExponential ? grades.map { exp2($0) - 1 } : grades }
    let gains = gained(grades)
    let best = (gains + gained(missed)).sorted(by: >)
    let all = (0..<max(0, min(depth ?? best.count, best.count))).map { 1 / log2(Double($0 + 2)) }
    let ideal = zip(best, all).reduce(0) { $0 + $1.0 * $1.1 }
    let discounts = all.prefix(scores.count)
    guard ideal > 0 else { return 0 }
    let order = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
    var (found, start) = (0.0, 0)
    while start < discounts.count {
      var end = start + 1
      while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
      let mean = order[start..<end].reduce(0) { $0 + gains[$1] } / Double(end - start)
      found += mean * discounts[start..<min(end, discounts.count)].reduce(0, +)
      start = end
    }
    return found / ideal
  }

  /// The grades in the order of the scores, equal scores with the least relevant first.
  static func ranked(_ scores: [Double], _ grades: [Double]) -> [Double] {
    scores.indices.sorted { (-scores[$0], grades[$0], $0) < (-scores[$1], grades[$1], $1) }.map { grades[$0] }
  }

  /// 1 over the place of the first relevant candidate; 0 where there is none among the first `depth`.
  public static func reciprocalRank(_ scores: [Double], _ grades: [Double], at depth: Int? = nil) throws -> Double {
    try check(scores.count, grades.count, "reciprocal rank")
    guard let place = ranked(scores, grades).firstIndex(where: { $0 > 0 }), place < depth ?? .max else { return 0 }
    return 1 / Double(place + 1)
  }

  /// The mean over the relevant candidates of the precision at their places (trec_eval's `map`); 0 without one.
  public static func averagePrecision(
    _ scores: [Double], _ grades: [Double], missed: [Double] = []
  ) throws -> Double {
    try check(scores.count, grades.count, "average precision")
    var (sum, relevant) = (0.0, 0)
    for (place, grade) in ranked(scores, grades).enumerated() where grade > 0 {
      relevant += 1
      sum += Double(relevant) / Double(place + 1)
    }
    relevant += missed.count { $0 > 0 }
    return relevant == 0 ? 0 : sum / Double(relevant)
  }

  /// The share of the first `depth` places that hold relevant candidates; places beyond the list hold none (trec_eval).
  public static func precision(_ scores: [Double], _ grades: [Double], at depth: Int) throws -> Double {
    try check(scores.count, grades.count, "precision")
    return Double(ranked(scores, grades).prefix(max(0, depth)).count { $0 > 0 }) / Double(max(1, depth))
  }

  /// The share of the relevant candidates that are among the first `depth` places; 0 without one.
  public static func recall(
    _ scores: [Double], _ grades: [Double], at depth: Int, missed: [Double] = []
  ) throws -> Double {
    try check(scores.count, grades.count, "recall")
    let found = ranked(scores, grades).prefix(max(0, depth)).count { $0 > 0 }
    return ConfusionTable.ratio(found, (grades + missed).count { $0 > 0 })
  }

  static func misfit(_ message: String) -> RetortError { RetortError("metric.misfit", message, blame: .stage) }
}
