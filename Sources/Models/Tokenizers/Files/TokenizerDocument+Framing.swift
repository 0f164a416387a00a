import Artifacts

extension TokenizerDocument {
  /// Reads how texts are framed and whether offsets are trimmed.
  func readPostProcessor(into parts: inout TokenizerParts, vocabulary: Int) throws {
    guard let value = root["post_processor"], value != .null else { return }
    try read(value, "post_processor", into: &parts, vocabulary, depth: 0)
  }

  private func read(
    _ value: JSONValue, _ field: String, into parts: inout TokenizerParts, _ vocabulary: Int, depth: Int
  ) throws {
    switch try type(of: value, field) {
    case "Sequence":
      guard depth == 0 else { throw wrong(field, "no sequence of sequences") }
      for (index, item) in try items("processors", of: value, field).enumerated() {
        try read(item, "\(field).processors[\(index)]", into: &parts, vocabulary, depth: 1)
      }
    case "ByteLevel":
      guard try flag("trim_offsets", of: value, field, default: true) else { return }
      parts.trimming = .init(addsPrefixSpace: try flag("add_prefix_space", of: value, field, default: true))
    case "BertProcessing":
      let (start, end) = (
        try token("cls", of: value, field, vocabulary), try token("sep", of: value, field, vocabulary)
      )
      parts.framing = Framing(
        single: [.special([start], type: 0), .first(type: 0), .special([end], type: 0)],
        pair: [
          .special([start], type: 0), .first(type: 0), .special([end], type: 0), .second(type: 1),
          .special([end], type: 1),
        ])
    case "RobertaProcessing":
      let (start, end) = (
        try token("cls", of: value, field, vocabulary), try token("sep", of: value, field, vocabulary)
      )
      parts.framing = Framing(
        single: [.special([start], type: 0), .first(type: 0), .special([end], type: 0)],
        pair: [
          .special([start], type: 0), .first(type: 0), .special([end, end], type: 0), .second(type: 0),
          .special([end], type: 0),
        ])
      if try flag("trim_offsets", of: value, field, default: true) {
        parts.trimming = .init(addsPrefixSpace: try flag("add_prefix_space", of: value, field, default: true))
      }
    case "TemplateProcessing":
      let single = try template("single", of: value, field, vocabulary)
      let pair = try template("pair", of: value, field, vocabulary)
      func texts(_ parts: [Framing.Part]) -> [Bool] {
        parts.compactMap { part in
          switch part {
          case .first: false
          case .second: true
          case .special: nil
          }
        }
      }
      guard texts(single) == [false] else { throw unsupported("\(field).single", "anything but one text") }
      guard texts(pair) == [false, true] else { throw unsupported("\(field).pair", "anything but two texts in order") }
      parts.framing = Framing(single: single, pair: pair)
    case let type: throw unsupported(field, "the post-processor \(type)")
    }
  }

  /// A `["[CLS]", 101]`.
  private func token(_ name: String, of value: JSONValue, _ field: String, _ vocabulary: Int) throws -> Int32 {
    guard case .array(let pair)? = value[name], pair.count == 2, let id = pair[1].integer, id >= 0, id < vocabulary
    else { throw wrong("\(field).\(name)", "a token and its number") }
    return Int32(id)
  }

  private func template(
    _ name: String, of value: JSONValue, _ field: String, _ vocabulary: Int
  ) throws -> [Framing.Part] {
    try items(name, of: value, field).map { item in
      if let part = item["Sequence"] {
        let type = try typeID(of: part, "\(field).\(name)")
        switch part["id"]?.text {
        case "A": return .first(type: type)
        case "B": return .second(type: type)
        default: throw wrong("\(field).\(name)", "a template of the texts A and B")
        }
      }
      guard let part = item["SpecialToken"], let token = part["id"]?.text,
        case .array(let numbers)? = value["special_tokens"]?[token]?["ids"]
      else { throw wrong("\(field).\(name)", "a template of texts and special tokens") }
      let ids = try numbers.map { number in
        guard let id = number.integer, id >= 0, id < vocabulary else {
          throw wrong("\(field).special_tokens", "tokens of the vocabulary")
        }
        return Int32(id)
      }
      return .special(ids, type: try typeID(of: part, "\(field).\(name)"))
    }
  }

  private func typeID(of part: JSONValue, _ field: String) throws -> Int32 {
    guard let type = part["type_id"]?.integer, let number = Int32(exactly: type), number >= 0 else {
      throw wrong("\(field).type_id", "a number")
    }
    return number
  }
}
