/// Scalars of the source behind a code point, by number.
struct SourceSpan: Equatable, Sendable {
  var start: UInt32
  var end: UInt32
}

/// Text on its way through normalisers: code points and, if they are followed, where each came from.
///
/// Normalisers give their result as a list of changes, for that is what decides about the source of what they add: as in
/// Hugging Face tokenizers, `NormalizedString::transform`.
struct NormalizedText: Sendable {
  var codes: [UInt32] = []
  /// As many as `codes`, or none.
  var spans: [SourceSpan] = []
  var tracksSpans = false

  /// A code point of the result, and what it stands for.
  struct Change {
    var code: UInt32
    /// 1 where it is added, else minus the number of code points after its own that it also replaces.
    var count: Int32
  }

  mutating func removeAll() {
    codes.removeAll(keepingCapacity: true)
    spans.removeAll(keepingCapacity: true)
  }

  /// Takes over a slice of another text.
  mutating func take(_ other: NormalizedText, _ range: Range<Int>) {
    removeAll()
    codes += other.codes[range]
    if tracksSpans { spans += other.spans[range] }
  }

  /// Appends a code point with the source of one of another text's.
  @inline(__always)
  mutating func append(_ code: UInt32, like other: NormalizedText, at index: Int) {
    codes.append(code)
    if tracksSpans { spans.append(other.spans[index]) }
  }

  /// Replaces the text by what a list of changes makes of it.
  ///
  /// - Parameter skipped: Code points at the beginning that go.
  mutating func transform(_ changes: [Change], skipped: Int = 0) {
    if tracksSpans {
      var place = skipped
      var result: [SourceSpan] = []
      result.reserveCapacity(changes.count)
      for change in changes {
        if change.count > 0 {
          result.append(place > 0 ? spans[min(place, spans.count) - 1] : SourceSpan(start: 0, end: 0))
        } else {
          result.append(spans.isEmpty ? SourceSpan(start: 0, end: 0) : spans[min(place, spans.count - 1)])
          place += 1 - Int(change.count)
        }
      }
      spans = result
    }
    codes.removeAll(keepingCapacity: true)
    for change in changes { codes.append(change.code) }
  }

  /// Keeps some code points; each keeps its source.
  mutating func filter(_ keeps: (UInt32) -> Bool) {
    var kept = 0
    for index in codes.indices where keeps(codes[index]) {
      codes[kept] = codes[index]
      if tracksSpans { spans[kept] = spans[index] }
      kept += 1
    }
    codes.removeSubrange(kept...)
    if tracksSpans { spans.removeSubrange(kept...) }
  }

  /// Puts code points before the text, with the source of its first; an empty text stays empty.
  mutating func prepend(_ prefix: [UInt32]) {
    guard !codes.isEmpty else { return }
    codes.insert(contentsOf: prefix, at: 0)
    if tracksSpans { spans.insert(contentsOf: repeatElement(spans[0], count: prefix.count), at: 0) }
  }

  /// Replaces each of some ranges, in order and apart, by the same code points, whose source is the range's last.
  mutating func replace(_ ranges: [Range<Int>], by content: [UInt32]) {
    if ranges.isEmpty { return }
    var result = NormalizedText(tracksSpans: tracksSpans)
    result.codes.reserveCapacity(codes.count)
    var start = 0
    for range in ranges {
      result.codes += codes[start..<range.lowerBound]
      if tracksSpans { result.spans += spans[start..<range.lowerBound] }
      for code in content {
        result.append(code, like: self, at: range.upperBound - 1)
      }
      start = range.upperBound
    }
    result.codes += codes[start...]
    if tracksSpans { result.spans += spans[start...] }
    self = result
  }
}
