import Models

/// How many heads or intermediate neurons of each block should stay: `.heads(removing: 0.5)`, `.ffn(keeping: 2_048)`.
public struct PruningTarget: Sendable, Hashable, Codable {
  public enum Amount: Sendable, Hashable, Codable {
    /// So many in each block; with an uneven distribution so many on average.
    case keeping(Int)
    /// This share of what there is, from 0 up to but not 1.
    case removing(Double)
  }

  public var unit: PrunableUnit
  public var amount: Amount

  public init(_ unit: PrunableUnit, _ amount: Amount) { (self.unit, self.amount) = (unit, amount) }

  /// Attention heads that stay in each block.
  public static func heads(keeping count: Int) -> PruningTarget { PruningTarget(.heads, .keeping(count)) }
  /// The share of attention heads that goes.
  public static func heads(removing share: Double) -> PruningTarget { PruningTarget(.heads, .removing(share)) }
  /// Intermediate neurons that stay in each block.
  public static func ffn(keeping count: Int) -> PruningTarget { PruningTarget(.neurons, .keeping(count)) }
  /// The share of intermediate neurons that goes.
  public static func ffn(removing share: Double) -> PruningTarget { PruningTarget(.neurons, .removing(share)) }

  /// The field of a stage that this target is called in messages.
  public var field: String { unit == .heads ? "heads" : "ffn" }

  /// What stays of `count` units: an exact number as it is, a share rounded to the nearest multiple, halves up.
  ///
  /// Nothing is wrong with the amount where `faults` says so; else the result may be anything.
  func kept(of count: Int, multipleOf group: Int) -> Int {
    switch amount {
    case .keeping(let kept): return kept
    case .removing(let share):
      // What stays need not be a multiple where nothing goes.
      guard share > 0, group > 0, share <= 1 else { return count }
      let groups = (1 - share) * Double(count) / Double(group)
      return min(count, Int((groups + 1e-9).rounded(.toNearestOrAwayFromZero)) * group)
    }
  }

  /// What is wrong with the amount for blocks of `count` units (nil: not known yet).
  func faults(of count: Int?, multipleOf group: Int) -> [PruningOptions.Fault] {
    var faults: [PruningOptions.Fault] = []
    func note(_ message: String, _ remedy: String) { faults.append((field, message, remedy)) }
    let name = unit == .heads ? "head" : "neuron"
    switch amount {
    case .keeping(let kept):
      if kept < 1 { note("A block must keep at least one \(name), not \(kept).", "Keep 1 or more.") }
      if let count, kept > count {
        note("A block has \(count) \(unit.rawValue); \(kept) are to stay.", "Keep at most \(count).")
      }
      if group > 1, kept % group != 0 {
        note("\(kept) is no multiple of \(group).", "Keep a multiple of multipleOf.")
      }
    case .removing(let share):
      if !(share >= 0 && share < 1) {
        note("The share to remove is \(share), not at least 0 and below 1.", "Give a share, such as 0.5.")
      } else if let count, group > 0, self.kept(of: count, multipleOf: group) < 1 {
        note(
          "Of \(count) \(unit.rawValue) in a block none would be left.",
          "Remove a smaller share\(group > 1 ? ", or lower multipleOf" : "").")
      }
    }
    return faults
  }
}
