/// What BERT's normaliser needs to know about a code point: paged tables, built once from `UnicodeTables`.
struct CodePoints: Sendable {
  static let shared = CodePoints()

  static let removed: UInt8 = 1
  static let space: UInt8 = 2
  static let ideograph: UInt8 = 4
  static let punctuation: UInt8 = 8
  static let mark: UInt8 = 16
  static let nonstarter: UInt8 = 32
  static let decomposes: UInt8 = 64
  static let lowers: UInt8 = 128

  /// Flags of a code point: `pages[pageOf[code >> 8] << 8 | code & 255]`.
  private let pageOf: [UInt16]
  private let pages: [UInt8]
  private let lowered: [UInt32: [UInt32]]
  private let decomposed: [UInt32: [UInt32]]
  private let classes: [UInt32: UInt8]

  func flags(_ code: UInt32) -> UInt8 { pages[Int(pageOf[Int(code >> 8)]) << 8 | Int(code & 255)] }

  /// Lower case of a code point that has the flag.
  func lower(_ code: UInt32) -> [UInt32] { lowered[code] ?? [code] }

  /// The canonical combining class of a code point that has the nonstarter flag.
  func combiningClass(_ code: UInt32) -> UInt8 { classes[code] ?? 0 }

  /// The canonical decomposition of a code point that has the flag.
  func decompose(_ code: UInt32, _ body: (UInt32) -> Void) {
    if code >= 0xAC00, code < 0xD7A4 {
      // Hangul syllables by arithmetic (Unicode, 3.12).
      let index = code - 0xAC00
      body(0x1100 + index / 588)
      body(0x1161 + index % 588 / 28)
      if index % 28 > 0 { body(0x11A7 + index % 28) }
    } else {
      for part in decomposed[code] ?? [code] { body(part) }
    }
  }

  private init() {
    var flags = [UInt8](repeating: 0, count: 0x110000)
    func add(_ flag: UInt8, _ table: String) {
      for item in table.utf8.split(separator: UInt8(ascii: " ")) {
        let ends = item.split(separator: UInt8(ascii: "-")).map(Self.code)
        for code in ends[0]...ends[ends.count - 1] { flags[Int(code)] |= flag }
      }
    }
    add(Self.removed, UnicodeTables.removed)
    add(Self.space, UnicodeTables.spaces)
    add(Self.ideograph, UnicodeTables.ideographs)
    add(Self.punctuation, UnicodeTables.punctuation)
    add(Self.mark, UnicodeTables.marks)
    add(Self.decomposes, "AC00-D7A3")
    lowered = Self.mapping(UnicodeTables.lowered)
    decomposed = Self.mapping(UnicodeTables.decomposed)
    var classes: [UInt32: UInt8] = [:]
    for item in UnicodeTables.classes.utf8.split(separator: UInt8(ascii: " ")) {
      let parts = item.split { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ">") }.map(Self.code)
      for code in parts[0]...parts[1] { classes[code] = UInt8(truncatingIfNeeded: parts[2]) }
    }
    self.classes = classes
    for code in classes.keys { flags[Int(code)] |= Self.nonstarter }
    for code in lowered.keys { flags[Int(code)] |= Self.lowers }
    for code in decomposed.keys { flags[Int(code)] |= Self.decomposes }

    var known: [[UInt8]: UInt16] = [:]
    var pageOf: [UInt16] = []
    var pages: [UInt8] = []
    for start in stride(from: 0, to: flags.count, by: 256) {
      let page = Array(flags[start..<start + 256])
      if let number = known[page] {
        pageOf.append(number)
      } else {
        let number = UInt16(pages.count >> 8)
        known[page] = number
        pageOf.append(number)
        pages += page
      }
    }
    (self.pageOf, self.pages) = (pageOf, pages)
  }

  /// `code>code+code` and `first-last/step>target` items.
  private static func mapping(_ table: String) -> [UInt32: [UInt32]] {
    var result: [UInt32: [UInt32]] = [:]
    for item in table.utf8.split(separator: UInt8(ascii: " ")) {
      let sides = item.split(separator: UInt8(ascii: ">"))
      let targets = sides[1].split(separator: UInt8(ascii: "+")).map(code)
      let span = sides[0].split { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "/") }.map(code)
      guard span.count == 3 else {
        result[span[0]] = targets
        continue
      }
      for source in stride(from: span[0], through: span[1], by: Int(span[2])) {
        result[source] = [targets[0] + source - span[0]]
      }
    }
    return result
  }

  private static func code(_ digits: some Sequence<UInt8>) -> UInt32 {
    digits.reduce(0) { $0 << 4 | UInt32($1 <= 0x39 ? $1 &- 0x30 : $1 &- 0x37) }
  }
}
