/// A step that changes text before it is split: the normalisers of Hugging Face tokenizers that encoders use.
indirect enum Normalizer: Sendable {
  case bert(BertWords)
  case lowercase
  case stripAccents
  case form(NormalizationForm)
  /// Each occurrence of some code points becomes others.
  case replace([UInt32], [UInt32])
  /// Each run of at least so many of one code point becomes others.
  case replaceRuns(of: UInt32, atLeast: Int, [UInt32])
  case characterMap(CharacterMap)
  case prepend([UInt32])
  /// White space goes at the ends.
  case strip(left: Bool, right: Bool)
  case sequence([Normalizer])

  func apply(to text: inout NormalizedText) {
    switch self {
    case .bert(let words): words.apply(to: &text)
    case .lowercase: Self.lower(&text)
    case .stripAccents:
      let points = TextPoints.shared
      text.filter { points.flags($0) & TextPoints.mark == 0 }
    case .form(let form): form.apply(to: &text)
    case .replace(let pattern, let content): Self.replace(pattern, by: content, in: &text)
    case .replaceRuns(let code, let count, let content): Self.replaceRuns(of: code, count, by: content, in: &text)
    case .characterMap(let map): map.apply(to: &text)
    case .prepend(let prefix): text.prepend(prefix)
    case .strip(let left, let right): Self.strip(&text, left: left, right: right)
    case .sequence(let steps): for step in steps { step.apply(to: &text) }
    }
  }

  private static func lower(_ text: inout NormalizedText) {
    let points = CodePoints.shared
    var grows = false
    for index in text.codes.indices {
      let code = text.codes[index]
      if code < 0x80 {
        if code >= 0x41, code <= 0x5A { text.codes[index] = code | 0x20 }
      } else if points.flags(code) & CodePoints.lowers != 0 {
        let parts = points.lower(code)
        if parts.count == 1 { text.codes[index] = parts[0] } else { grows = true }
      }
    }
    guard grows else { return }
    var changes: [NormalizedText.Change] = []
    for code in text.codes {
      guard code >= 0x80, points.flags(code) & CodePoints.lowers != 0, points.lower(code).count > 1 else {
        changes.append(.init(code: code, count: 0))
        continue
      }
      for (place, part) in points.lower(code).enumerated() {
        changes.append(.init(code: part, count: place > 0 ? 1 : 0))
      }
    }
    text.transform(changes)
  }

  private static func replace(_ pattern: [UInt32], by content: [UInt32], in text: inout NormalizedText) {
    guard let first = pattern.first, text.codes.contains(first) else { return }
    var ranges: [Range<Int>] = []
    var index = 0
    while index + pattern.count <= text.codes.count {
      if text.codes[index] == first, text.codes[index..<index + pattern.count].elementsEqual(pattern) {
        ranges.append(index..<index + pattern.count)
        index += pattern.count
      } else {
        index += 1
      }
    }
    text.replace(ranges, by: content)
  }

  private static func replaceRuns(
    of code: UInt32, _ count: Int, by content: [UInt32], in text: inout NormalizedText
  ) {
    var ranges: [Range<Int>] = []
    var index = 0
    while index < text.codes.count {
      let start = index
      while index < text.codes.count, text.codes[index] == code { index += 1 }
      if index - start >= count { ranges.append(start..<index) }
      if index == start { index += 1 }
    }
    text.replace(ranges, by: content)
  }

  private static func strip(_ text: inout NormalizedText, left: Bool, right: Bool) {
    let points = TextPoints.shared
    var range = text.codes.indices
    if right { while let last = range.last, points.isSpace(text.codes[last]) { range.removeLast() } }
    if left { while let first = range.first, points.isSpace(text.codes[first]) { range.removeFirst() } }
    if range.count == text.codes.count { return }
    let whole = text
    text.take(whole, range)
  }
}
