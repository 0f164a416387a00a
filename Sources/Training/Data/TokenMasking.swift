import FoundationEssentials
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How tokens are hidden for masked-language modelling (Devlin et al. 2019 §3.1; Sanh et al. 2019 for the weights).
///
/// The hidden positions are a function of (seed, epoch, text), so they differ in each epoch and can be made again.
public struct TokenMasking: Sendable, Hashable, Codable {
  /// Share of the ordinary tokens of a text that are to be predicted: at least one where there are any, and exact in the
  /// mean over texts.
  public var share = 0.15
  /// Of these, the share that is replaced by the mask.
  public var maskedShare = 0.8
  /// Of these, the share that is replaced by a random token; what is left keeps its token.
  public var randomShare = 0.1
  /// Positions are drawn with weight count(token)^−exponent: 0 draws uniformly, 0.7 is DistilBERT's.
  public var rarity = 0.0

  public init(share: Double = 0.15, maskedShare: Double = 0.8, randomShare: Double = 0.1, rarity: Double = 0) {
    self.share = share
    self.maskedShare = maskedShare
    self.randomShare = randomShare
    self.rarity = rarity
  }

  /// What is wrong with the values: a field and a sentence each.
  public var faults: [(field: String, message: String)] {
    var faults: [(String, String)] = []
    if !(share > 0 && share < 1) { faults.append(("share", "The share of hidden tokens is \(share), not in (0, 1).")) }
    for (field, value) in [("maskedShare", maskedShare), ("randomShare", randomShare)] where !(0...1).contains(value) {
      faults.append((field, "It is \(value), not in 0 … 1."))
    }
    if maskedShare + randomShare > 1 {
      faults.append(("randomShare", "Masked and random tokens add up to \(maskedShare + randomShare), above 1."))
    }
    if !(rarity >= 0 && rarity.isFinite) { faults.append(("rarity", "It is \(rarity), not at least 0.")) }
    return faults
  }
}

/// A text with hidden tokens.
public struct MaskedText: Sendable, Hashable {
  /// Token ids, as the model sees them.
  public var ids: [Int32]
  /// The hidden positions, ascending.
  public var positions: [Int32]
  /// The true tokens there.
  public var labels: [Int32]
}

/// Hides tokens of the texts of one corpus.
public struct TokenMasker: Sendable {
  public let options: TokenMasking
  let seed: UInt64
  let mask: Int32
  let vocabulary: Int
  let isSpecial: [Bool]
  /// count^−rarity by token; empty for uniform draws.
  let weights: [Double]

  /// - Parameters:
  ///   - counts: how often each token occurs in the corpus; a count of 0 counts as 1. Read only where `rarity` is not 0.
  ///   - specials: tokens that are never hidden.
  public init(
    _ options: TokenMasking, seed: UInt64, mask: Int32, specials: Set<Int32>, vocabulary: Int, counts: [Int] = []
  ) {
    self.options = options
    self.seed = seed
    self.mask = mask
    self.vocabulary = vocabulary
    isSpecial = (0..<vocabulary).map { specials.contains(Int32($0)) }
    weights =
      options.rarity == 0
      ? []
      : (0..<vocabulary).map { token in
        pow(Double(max(counts.indices.contains(token) ? counts[token] : 1, 1)), -options.rarity)
      }
  }

  /// Hides tokens of text number `text` in an epoch.
  public func masked(_ ids: [Int32], text: Int, epoch: Int) -> MaskedText {
    // 2³² words a text: more than any text can use.
    var random = RandomStream(seed: seed, purpose: .masking, step: epoch, position: UInt64(text) << 32)
    var result = MaskedText(ids: ids, positions: [], labels: [])
    let candidates = ids.indices.filter { Int(ids[$0]) < isSpecial.count && !isSpecial[Int(ids[$0])] }
    guard !candidates.isEmpty else { return result }
    let count = min(candidates.count, max(1, Int(options.share * Double(candidates.count) + random.uniform())))
    for position in draw(count, of: candidates, ids, &random).sorted() {
      result.positions.append(Int32(position))
      result.labels.append(ids[position])
      let choice = random.uniform()
      if choice < options.maskedShare {
        result.ids[position] = mask
      } else if choice < options.maskedShare + options.randomShare {
        result.ids[position] = Int32(random.integer(below: vocabulary))
      }
    }
    return result
  }

  /// Draws without replacement: uniformly, or by exponential keys (Efraimidis and Spirakis 2006).
  private func draw(_ count: Int, of candidates: [Int], _ ids: [Int32], _ random: inout RandomStream) -> [Int] {
    guard weights.isEmpty else {
      let keys = candidates.map { position in
        (key: -log(1 - random.uniform()) / weights[Int(ids[position])], position: position)
      }
      return keys.sorted { ($0.key, $0.position) < ($1.key, $1.position) }.prefix(count).map(\.position)
    }
    var pool = candidates
    for place in 0..<count { pool.swapAt(place, place + random.integer(below: pool.count - place)) }
    return Array(pool.prefix(count))
  }
}
