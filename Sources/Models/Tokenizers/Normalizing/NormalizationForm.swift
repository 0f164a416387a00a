/// Unicode's normalisation forms (Unicode Standard Annex 15), with the tables of Hugging Face tokenizers.
enum NormalizationForm: Sendable {
  case nfd
  case nfc
  case nfkd
  case nfkc

  private var isCompatible: Bool { self == .nfkd || self == .nfkc }
  private var composes: Bool { self == .nfc || self == .nfkc }

  func apply(to text: inout NormalizedText) {
    // Below U+00A0 nothing changes.
    guard text.codes.contains(where: { $0 >= 0xA0 }) else { return }
    var changes = decomposition(of: text.codes)
    if composes { changes = Self.composition(of: changes) }
    text.transform(changes)
  }

  private func decomposition(of codes: [UInt32]) -> [NormalizedText.Change] {
    let (canonical, points) = (CodePoints.shared, TextPoints.shared)
    var changes: [NormalizedText.Change] = []
    changes.reserveCapacity(codes.count)
    for code in codes {
      var count: Int32 = 0
      func add(_ part: UInt32) {
        changes.append(.init(code: part, count: count))
        count = 1
      }
      if isCompatible, points.flags(code) & TextPoints.compatible != 0 {
        for part in points.compatibility(code) { add(part) }
      } else if canonical.flags(code) & CodePoints.decomposes != 0 {
        canonical.decompose(code, add)
      } else {
        add(code)
      }
    }
    Self.reorder(&changes, canonical)
    return changes
  }

  /// Canonical ordering (Unicode, 3.11); what a mark stands for moves with it.
  private static func reorder(_ changes: inout [NormalizedText.Change], _ points: CodePoints) {
    var start = 0
    while start < changes.count {
      guard points.flags(changes[start].code) & CodePoints.nonstarter != 0 else {
        start += 1
        continue
      }
      var end = start + 1
      while end < changes.count, points.flags(changes[end].code) & CodePoints.nonstarter != 0 { end += 1 }
      if end - start > 1 {
        let sorted = changes[start..<end].enumerated().map { (points.combiningClass($1.code), $0, $1) }
          .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        for (offset, item) in sorted.enumerated() { changes[start + offset] = item.2 }
      }
      start = end
    }
  }

  /// Canonical composition (Unicode, 3.11); a composed code point replaces what its parts did.
  private static func composition(of changes: [NormalizedText.Change]) -> [NormalizedText.Change] {
    let (canonical, points) = (CodePoints.shared, TextPoints.shared)
    var result: [NormalizedText.Change] = []
    result.reserveCapacity(changes.count)
    var starter: Int?
    var lastClass: UInt8?
    for change in changes {
      let isStarter = canonical.flags(change.code) & CodePoints.nonstarter == 0
      let ownClass: UInt8 = isStarter ? 0 : canonical.combiningClass(change.code)
      let isBlocked = lastClass.map { $0 >= ownClass } ?? false
      if let place = starter, !isBlocked, let composed = points.composition(result[place].code, change.code) {
        result[place].code = composed
        result[place].count += change.count - 1
        continue
      }
      if isStarter {
        (starter, lastClass) = (result.count, nil)
      } else {
        lastClass = ownClass
      }
      result.append(change)
    }
    return result
  }
}
