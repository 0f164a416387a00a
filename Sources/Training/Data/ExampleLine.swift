import Artifacts
import Models

/// An example as a line of `examples.jsonl`.
///
/// {"label":1,"text":"…"}, {"group":"q1","pair":"…","text":"…","value":1} or {"tags":[0,2],"words":["…","…"]}: fields come
/// in this fixed order, those that are nil are left out.
enum ExampleLine {
  /// Appends an example with its line end.
  static func write(_ example: LabelledExample, to line: inout [UInt8]) {
    var opening: UInt8 = UInt8(ascii: "{")
    func name(_ name: StaticString) {
      line.append(opening)
      opening = UInt8(ascii: ",")
      line.append(UInt8(ascii: "\""))
      line.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
      line.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":")])
    }
    func field(_ field: StaticString, _ text: String) {
      name(field)
      quote(text, into: &line)
    }
    if let group = example.group { field("group", group) }
    if case .label(let index) = example.target {
      name("label")
      line += String(index).utf8
    }
    if let pair = example.pair { field("pair", pair) }
    if case .tags(let tags) = example.target {
      name("tags")
      list(tags, into: &line) { $1 += String($0).utf8 }
    }
    if example.words.isEmpty { field("text", example.text) }
    if case .value(let value) = example.target {
      name("value")
      line += JSONValue.number(value).compactText.utf8
    }
    if !example.words.isEmpty {
      name("words")
      list(example.words, into: &line) { quote($0, into: &$1) }
    }
    line += [UInt8(ascii: "}"), 10]
  }

  /// Reads a line.
  ///
  /// - Parameter labels: how many labels there are.
  /// - Throws: `LineFault` for a line that is no example.
  static func read(_ line: [UInt8], labels: Int) throws(LineFault) -> LabelledExample {
    let object: JSONValue
    do { object = try JSONValue(parsing: line) } catch { throw LineFault(reason: error.reason) }
    if case .array(let items)? = object["words"] {
      let words = items.compactMap(\.text)
      guard words.count == items.count, !words.isEmpty else { throw LineFault(reason: "a word is no text") }
      var example = LabelledExample(words: words, tags: try tags(of: object, words: words.count, labels: labels))
      example.group = object["group"]?.text
      return example
    }
    guard let text = object["text"]?.text else { throw LineFault(reason: "it has no text") }
    var example = LabelledExample(text, pair: object["pair"]?.text)
    example.group = object["group"]?.text
    if let label = object["label"]?.integer {
      guard (0..<labels).contains(label) else {
        throw LineFault(reason: "label \(label) is not one of \(labels)")
      }
      example.target = .label(label)
    } else if let value = object["value"]?.double {
      guard value.isFinite else { throw LineFault(reason: "the value is not finite") }
      example.target = .value(value)
    }
    return example
  }

  private static func tags(of object: JSONValue, words: Int, labels: Int) throws(LineFault) -> [Int]? {
    guard case .array(let items)? = object["tags"] else { return nil }
    let tags = items.compactMap(\.integer)
    guard tags.count == words, items.count == words else {
      throw LineFault(reason: "words and tags differ in number")
    }
    if let odd = tags.first(where: { $0 != -100 && !(0..<labels).contains($0) }) {
      throw LineFault(reason: "tag \(odd) is not one of \(labels)")
    }
    return tags
  }

  private static func list<Item>(_ items: [Item], into line: inout [UInt8], _ write: (Item, inout [UInt8]) -> Void) {
    for (index, item) in items.enumerated() {
      line.append(index == 0 ? UInt8(ascii: "[") : UInt8(ascii: ","))
      write(item, &line)
    }
    line.append(UInt8(ascii: "]"))
  }

  /// A JSON string in the form of `JSONValue.compactText`.
  private static func quote(_ text: String, into line: inout [UInt8]) {
    line.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        line.append(UInt8(ascii: "\\"))
        line.append(byte)
      case 0..<0x20: line += JSONValue.string(String(Unicode.Scalar(byte))).compactText.utf8.dropFirst().dropLast()
      default: line.append(byte)
      }
    }
    line.append(UInt8(ascii: "\""))
  }
}

/// Why a line is no example.
struct LineFault: Error {
  var reason: String
}
