import Tensors

/// Training rows that are held out to choose epochs by, where the dev part is too small to tell.
public struct Holdout: Sendable, Hashable, Codable {
  /// The share of the training rows, whole groups of them.
  public var share: Double
  /// Only where dev has fewer examples; nil for always.
  public var devBelow: Int?

  public init(share: Double, devBelow: Int?) { (self.share, self.devBelow) = (share, devBelow) }

  /// Holds out this share, which joins the dev part.
  ///
  /// - Parameter devBelow: only where dev has fewer examples than this; nil for always.
  public static func share(_ share: Double = 0.1, devBelow: Int? = nil) -> Holdout {
    Holdout(share: share, devBelow: devBelow)
  }

  /// What is wrong with the values: a field and a sentence each.
  public var faults: [(field: String, message: String)] {
    var faults: [(field: String, message: String)] = []
    if !(share > 0 && share < 1) { faults.append(("share", "The share is \(share), not above 0 and below 1.")) }
    if let devBelow, devBelow < 1 { faults.append(("devBelow", "No dev part has fewer than \(devBelow) examples.")) }
    return faults
  }
}

extension Holdout {
  /// Whether each training row is held out: whole groups, drawn by the seed until the share is reached, of each label by
  /// itself; nil where the dev part is large enough.
  ///
  /// A group is what `LabelledExample.group` says; else a ranking's query, or equal texts. At least one group stays in each
  /// label's part.
  public func heldOut(of rows: [LabelledExample], dev: Int, form: TaskForm, seed: UInt64) -> [Bool]? {
    if let devBelow, dev >= devBelow { return nil }
    var places: [String: Int] = [:]
    var groups: [[Int]] = []
    for (index, row) in rows.enumerated() {
      let key = row.group ?? (form == .ranking ? row.text : Self.normal(row))
      if let place = places[key] {
        groups[place].append(index)
      } else {
        places[key] = groups.count
        groups.append([index])
      }
    }
    // A group counts for the label of its first row.
    var strata: [Int32: [[Int]]] = [:]
    for group in groups {
      strata[form == .classification ? rows[group[0]].labelOrIgnored : 0, default: []].append(group)
    }
    var held = [Bool](repeating: false, count: rows.count)
    for (number, label) in strata.keys.sorted().enumerated() {
      let candidates = strata[label] ?? []
      let wanted = Int((share * Double(candidates.reduce(0) { $0 + $1.count })).rounded())
      var random = RandomStream(seed: seed, purpose: .holdingOut, step: number)
      var taken = 0
      for place in random.permutation(candidates.count).dropLast() where taken < wanted {
        for index in candidates[place] { held[index] = true }
        taken += candidates[place].count
      }
    }
    return held
  }

  /// What makes two texts the same: case and spacing do not count.
  private static func normal(_ row: LabelledExample) -> String {
    [row.text, row.pair ?? ""]
      .map { $0.lowercased().split { $0.isWhitespace }.joined(separator: " ") }
      .joined(separator: "\t")
  }
}

extension RandomStream.Purpose {
  /// Choosing groups to hold out.
  static let holdingOut = RandomStream.Purpose(rawValue: 7)
}
