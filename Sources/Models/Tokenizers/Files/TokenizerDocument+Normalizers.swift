import Artifacts
import FoundationEssentials

extension TokenizerDocument {
  /// Steps that nest deeper are refused.
  private static var deepest: Int { 8 }

  func normalizer(_ value: JSONValue, _ field: String, depth: Int = 0) throws -> Normalizer? {
    if value == .null { return nil }
    guard depth < Self.deepest else { throw wrong(field, "nested less deeply") }
    switch try type(of: value, field) {
    case "Sequence":
      let steps = try items("normalizers", of: value, field).enumerated().compactMap { index, item in
        try normalizer(item, "\(field).normalizers[\(index)]", depth: depth + 1)
      }
      return .sequence(steps)
    case "BertNormalizer":
      var words = BertWords()
      words.cleansText = try flag("clean_text", of: value, field, default: true)
      words.splitsIdeographs = try flag("handle_chinese_chars", of: value, field, default: true)
      words.lowercases = try flag("lowercase", of: value, field, default: true)
      switch value["strip_accents"] {
      case nil, .null: words.stripsAccents = nil
      case .bool(let strips): words.stripsAccents = strips
      default: throw wrong("\(field).strip_accents", "true, false or null")
      }
      return .bert(words)
    case "Lowercase": return .lowercase
    case "StripAccents": return .stripAccents
    case "NFC": return .form(.nfc)
    case "NFD": return .form(.nfd)
    case "NFKC": return .form(.nfkc)
    case "NFKD": return .form(.nfkd)
    case "Strip":
      return .strip(
        left: try flag("strip_left", of: value, field, default: true),
        right: try flag("strip_right", of: value, field, default: true))
    case "Prepend": return .prepend(try text("prepend", of: value, field).unicodeScalars.map(\.value))
    case "Replace": return try replacement(value, field)
    case "Precompiled":
      if value["precompiled_charsmap"] == .null { return nil }
      guard let data = Data(base64Encoded: try text("precompiled_charsmap", of: value, field)) else {
        throw wrong("\(field).precompiled_charsmap", "base64")
      }
      return data.isEmpty ? nil : .characterMap(try CharacterMap([UInt8](data), file: file))
    case let type: throw unsupported(field, "the normalizer \(type)")
    }
  }

  private func replacement(_ value: JSONValue, _ field: String) throws -> Normalizer {
    let content = try text("content", of: value, field).unicodeScalars.map(\.value)
    if let pattern = value["pattern"]?["String"]?.text {
      guard !pattern.isEmpty else { throw wrong("\(field).pattern", "a text that is not empty") }
      return .replace(pattern.unicodeScalars.map(\.value), content)
    }
    guard let pattern = value["pattern"]?["Regex"]?.text else { throw wrong("\(field).pattern", "a String or a Regex") }
    guard pattern == " {2,}" else { throw unsupported("\(field).pattern", "the pattern \"\(pattern)\"") }
    return .replaceRuns(of: 0x20, atLeast: 2, content)
  }

  func preTokenizers(_ value: JSONValue, _ field: String, depth: Int = 0) throws -> [PreTokenizer] {
    if value == .null { return [] }
    guard depth < Self.deepest else { throw wrong(field, "nested less deeply") }
    switch try type(of: value, field) {
    case "Sequence":
      return try items("pretokenizers", of: value, field).enumerated().flatMap { index, item in
        try preTokenizers(item, "\(field).pretokenizers[\(index)]", depth: depth + 1)
      }
    case "BertPreTokenizer": return [.bert]
    case "WhitespaceSplit": return [.whitespaceSplit]
    case "ByteLevel":
      return [
        .byteLevel(
          addsPrefixSpace: try flag("add_prefix_space", of: value, field, default: true),
          usesPattern: try flag("use_regex", of: value, field, default: true))
      ]
    case "Metaspace": return [try metaspace(value, field)]
    case let type: throw unsupported(field, "the pre-tokenizer \(type)")
    }
  }

  private func metaspace(_ value: JSONValue, _ field: String) throws -> PreTokenizer {
    let replacement = Array(try text("replacement", of: value, field).unicodeScalars)
    guard replacement.count == 1 else { throw wrong("\(field).replacement", "one character") }
    // Files of older releases say only whether anything is prepended.
    var scheme: PreTokenizer.PrependScheme =
      try flag("add_prefix_space", of: value, field, default: true) ? .always : .never
    if let name = value["prepend_scheme"], name != .null {
      guard let named = name.text.flatMap(PreTokenizer.PrependScheme.init) else {
        throw wrong("\(field).prepend_scheme", "\"always\", \"first\" or \"never\"")
      }
      scheme = named
    }
    return .metaspace(
      replacement: replacement[0].value, scheme, splits: try flag("split", of: value, field, default: true))
  }
}
