/// Boundaries between what readers take for one character (Unicode Standard Annex 29, extended grapheme clusters).
enum Graphemes {
  /// The end of the cluster that starts at an index.
  static func end(in codes: UnsafeBufferPointer<UInt32>, from start: Int, points: TextPoints) -> Int {
    var index = start
    var state = State()
    state.take(codes[start], points.flags(codes[start]))
    while index + 1 < codes.count {
      let (code, next) = (codes[index], codes[index + 1])
      let (flags, nextFlags) = (points.flags(code), points.flags(next))
      guard joins(code, flags, next, nextFlags, state) else { return index + 1 }
      state.take(next, nextFlags)
      index += 1
    }
    return codes.count
  }

  /// What of a cluster's beginning decides about its next code point.
  private struct State {
    /// Regional indicators at the end.
    var indicators = 0
    /// 1: a pictograph with its extenders; 2: and a joiner after them.
    var pictograph = 0
    /// 1: a consonant with its extenders; 2: with a linker among them.
    var conjunct = 0

    mutating func take(_ code: UInt32, _ flags: UInt16) {
      indicators = isIndicator(code) ? indicators + 1 : 0
      if flags & TextPoints.pictograph != 0 {
        pictograph = 1
      } else if code == 0x200D {
        pictograph = pictograph == 1 ? 2 : 0
      } else if flags & TextPoints.extender == 0 || pictograph == 2 {
        pictograph = 0
      }
      if flags & TextPoints.consonant != 0 {
        conjunct = 1
      } else if flags & TextPoints.linker != 0 {
        conjunct = conjunct > 0 ? 2 : 0
      } else if flags & TextPoints.conjunctExtender == 0 {
        conjunct = 0
      }
    }
  }

  private static func isIndicator(_ code: UInt32) -> Bool { code >= 0x1F1E6 && code <= 0x1F1FF }

  private static func joins(
    _ code: UInt32, _ flags: UInt16, _ next: UInt32, _ nextFlags: UInt16, _ state: State
  ) -> Bool {
    if flags & TextPoints.control != 0 { return code == 0x0D && next == 0x0A }
    if nextFlags & TextPoints.control != 0 { return false }
    if nextFlags & TextPoints.extend != 0 || flags & TextPoints.prepend != 0 { return true }
    if nextFlags & TextPoints.pictograph != 0, state.pictograph == 2 { return true }
    if nextFlags & TextPoints.consonant != 0, state.conjunct == 2 { return true }
    if isIndicator(next), state.indicators % 2 == 1 { return true }
    return joinsSyllable(code, next)
  }

  private enum Jamo { case other, lead, vowel, tail, open, closed }

  private static func jamo(_ code: UInt32) -> Jamo {
    switch code {
    case 0x1100...0x115F, 0xA960...0xA97C: .lead
    case 0x1160...0x11A7, 0xD7B0...0xD7C6: .vowel
    case 0x11A8...0x11FF, 0xD7CB...0xD7FB: .tail
    case 0xAC00...0xD7A3: (code - 0xAC00) % 28 == 0 ? .open : .closed
    default: .other
    }
  }

  private static func joinsSyllable(_ code: UInt32, _ next: UInt32) -> Bool {
    guard code >= 0x1100, next >= 0x1100 else { return false }
    switch (jamo(code), jamo(next)) {
    case (.lead, .lead), (.lead, .vowel), (.lead, .open), (.lead, .closed): return true
    case (.vowel, .vowel), (.vowel, .tail), (.open, .vowel), (.open, .tail): return true
    case (.closed, .tail), (.tail, .tail): return true
    default: return false
    }
  }
}
