/// GPT-2's pattern of words, matched by hand.
///
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+` (openai/gpt-2, `encoder.py`). Each code
/// point belongs to one match.
enum BytePattern {
  /// Where each word ends.
  static func ends(in text: UnsafeBufferPointer<UInt32>) -> [Int] {
    let points = TextPoints.shared
    var ends: [Int] = []
    ends.reserveCapacity(text.count / 4 + 1)
    var index = 0
    while index < text.count {
      index = end(of: index, in: text, points)
      ends.append(index)
    }
    return ends
  }

  @inline(__always)
  private static func kind(_ code: UInt32, _ points: TextPoints) -> UInt16 {
    points.flags(code) & (TextPoints.letter | TextPoints.number | TextPoints.space)
  }

  @inline(__always)
  private static func end(of start: Int, in text: UnsafeBufferPointer<UInt32>, _ points: TextPoints) -> Int {
    if text[start] == 0x27, let length = contraction(text, start) { return start + length }
    var index = start
    if text[start] == 0x20, start + 1 < text.count, kind(text[start + 1], points) & TextPoints.space == 0 { index += 1 }
    let wanted = kind(text[index], points)
    index += 1
    while index < text.count, kind(text[index], points) == wanted { index += 1 }
    // White space leaves its last character to the word after it.
    if wanted & TextPoints.space != 0, index < text.count, index - start > 1 { index -= 1 }
    return index
  }

  private static func contraction(_ text: UnsafeBufferPointer<UInt32>, _ start: Int) -> Int? {
    guard start + 1 < text.count else { return nil }
    switch text[start + 1] {
    case 0x73, 0x74, 0x6D, 0x64: return 2  // s t m d
    case 0x72, 0x76: return start + 2 < text.count && text[start + 2] == 0x65 ? 3 : nil  // re ve
    case 0x6C: return start + 2 < text.count && text[start + 2] == 0x6C ? 3 : nil  // ll
    default: return nil
    }
  }
}
