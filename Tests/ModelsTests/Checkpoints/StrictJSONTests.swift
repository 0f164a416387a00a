import Foundation
import Models
import Testing

@Suite("JSON")
struct StrictJSONTests {
  @Test(
    "documents of the grammar are read",
    arguments: [
      ("null", JSONValue.null), (" true ", .bool(true)), ("[]", .array([])), ("{}", .object([])), ("-0", .number("-0")),
      ("1.5e+10", .number("1.5e+10")), ("0.1E-3", .number("0.1E-3")),
      ("18446744073709551615", .number("18446744073709551615")),
      (#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, .string("a\"\\/\u{8}\u{C}\n\r\t\u{E9}\u{1F600}")),
      (
        #"[1,"é",{"b":null,"a":[false]}]"#,
        .array([.number("1"), .string("é"), .object([.init("b", .null), .init("a", .array([.bool(false)]))])])
      ),
      (#"{"é":1,"e\u0301":2}"#, .object([.init("\u{E9}", .number("1")), .init("e\u{301}", .number("2"))])),
    ])
  func reads(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: Array(text.utf8)) == value)
  }

  @Test(
    "all else is refused with its place",
    arguments: [
      ("", 0), (" ", 1), ("nul", 0), ("tru", 0), ("[1,]", 3), ("[1 2]", 3), ("{\"a\"}", 4), ("{\"a\":1,}", 7),
      ("{a:1}", 1), ("01", 1), ("-", 1), ("1.", 2), ("1e", 2), (".5", 0), ("+1", 0), ("NaN", 0), ("\"", 0),
      ("\"\u{1}\"", 1), (#""\x""#, 2), (#""\u12""#, 5), (#""\ud800""#, 7), (#""\ud800\u0041""#, 13),
      (#""\udc00""#, 7), ("1 2", 2), (#"{"a":1,"a":2}"#, 7), (#"{"a":1,"\u0061":2}"#, 7), ("'a'", 0), ("[1", 2),
      ("{\"a\":1", 6), ("// 1", 0),
    ])
  func refuses(text: String, offset: Int) {
    let fault = #expect(throws: JSONFault.self) { try JSONValue(parsing: Array(text.utf8)) }
    #expect(fault?.offset == offset, "\(fault?.reason ?? "")")
  }

  @Test("bytes that are not UTF-8, and towers of brackets, are refused")
  func hostile() {
    #expect(throws: JSONFault.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
    #expect(throws: JSONFault.self) { try JSONValue(parsing: [0x22, 0xC0, 0x80, 0x22]) }
    for bracket in [UInt8(ascii: "["), UInt8(ascii: "{")] {
      #expect(throws: JSONFault.self) { try JSONValue(parsing: [UInt8](repeating: bracket, count: 1_000_000)) }
    }
    let tower = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
    #expect(throws: JSONFault.self) { try JSONValue(parsing: Array(tower.utf8)) }
  }

  @Test("what is written reads back, and Foundation reads it too")
  func roundTrip() throws {
    var dice = Dice(5)
    for _ in 0..<300 {
      let value = JSONValue.object([.init("root", Self.value(&dice, depth: 0))])
      #expect(try JSONValue(parsing: Array(value.compactText.utf8)) == value)
      #expect(try JSONValue(parsing: Array(value.prettyText.utf8)) == value)
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(value.prettyText.utf8)) }
    }
  }

  @Test("mutated documents are read or refused; what is read can be written and read again")
  func fuzz() throws {
    var dice = Dice(77)
    for _ in 0..<4_000 {
      var bytes = Array(JSONValue.array([Self.value(&dice, depth: 1)]).compactText.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &dice) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &dice)
        switch Int.random(in: 0..<3, using: &dice) {
        case 0: bytes[place] = .random(in: 0...255, using: &dice)
        case 1: bytes.remove(at: place)
        default: bytes.insert(Array(#"{}[],:"\u0e-+.1"#.utf8).randomElement(using: &dice) ?? 0, at: place)
        }
      }
      switch Self.outcome(of: bytes) {
      case .success(let value): #expect(Self.outcome(of: Array(value.compactText.utf8)) == .success(value))
      case .failure(let fault): #expect((0...bytes.count).contains(fault.offset) && !fault.reason.isEmpty)
      }
    }
  }

  private static func outcome(of bytes: [UInt8]) -> Result<JSONValue, JSONFault> {
    do throws(JSONFault) { return .success(try JSONValue(parsing: bytes)) } catch { return .failure(error) }
  }

  private static func value(_ dice: inout Dice, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 4 ? 4 : 6), using: &dice) {
    case 0: return .null
    case 1: return .bool(.random(using: &dice))
    case 2: return .number(Double.random(in: -1e9...1e9, using: &dice))
    case 3:
      let scalars = (0..<Int.random(in: 0..<6, using: &dice)).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: 0...0x2FFFF, using: &dice))
      }
      return .string(String(String.UnicodeScalarView(scalars)))
    case 4: return .array((0..<Int.random(in: 0..<4, using: &dice)).map { _ in value(&dice, depth: depth + 1) })
    default:
      let count = Int.random(in: 0..<4, using: &dice)
      return .object((0..<count).map { .init("key \($0)\u{1F}é", value(&dice, depth: depth + 1)) })
    }
  }
}
