/// How special tokens stand around one text and around two.
struct Framing: Sendable, Equatable {
  /// A text or special tokens, with the type number of each of its tokens.
  enum Part: Sendable, Equatable {
    case first(type: Int32)
    case second(type: Int32)
    case special([Int32], type: Int32)
  }

  var single: [Part]
  var pair: [Part]

  /// Nothing around the texts.
  static let bare = Framing(single: [.first(type: 0)], pair: [.first(type: 0), .second(type: 1)])

  /// The special tokens of a frame in their order.
  static func specialIDs(_ parts: [Part]) -> [Int32] {
    parts.flatMap { part in
      if case .special(let ids, _) = part { return ids }
      return []
    }
  }

  func frame(_ first: Encoding, _ second: Encoding?) -> Encoding {
    let hasOffsets = first.offsets.count == first.count && (second.map { $0.offsets.count == $0.count } ?? true)
    var result = Encoding()
    for part in second == nil ? single : pair {
      switch part {
      case .first(let type): Self.append(first, type, hasOffsets, to: &result)
      case .second(let type): if let second { Self.append(second, type, hasOffsets, to: &result) }
      case .special(let ids, let type):
        result.ids += ids
        result.typeIDs += ids.map { _ in type }
        if hasOffsets { result.offsets += ids.map { _ in 0..<0 } }
      }
    }
    return result
  }

  private static func append(_ part: Encoding, _ type: Int32, _ hasOffsets: Bool, to result: inout Encoding) {
    for (place, text) in part.spellings { result.spellings[result.count + place] = text }
    result.ids += part.ids
    result.typeIDs += [Int32](repeating: type, count: part.count)
    if hasOffsets { result.offsets += part.offsets }
  }
}
