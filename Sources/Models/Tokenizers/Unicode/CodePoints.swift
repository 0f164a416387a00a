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

  private let table: PagedTable<UInt8>
  private let lowered: [UInt32: [UInt32]]
  private let decomposed: [UInt32: [UInt32]]
  private let classes: [UInt32: UInt8]

  @inline(__always)
  func flags(_ code: UInt32) -> UInt8 { table[code] }

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
      CodePointText.forEachCode(of: table) { flags[Int($0)] |= flag }
    }
    add(Self.removed, UnicodeTables.removed)
    add(Self.space, UnicodeTables.spaces)
    add(Self.ideograph, UnicodeTables.ideographs)
    add(Self.punctuation, UnicodeTables.punctuation)
    add(Self.mark, UnicodeTables.marks)
    add(Self.decomposes, "AC00-D7A3")
    lowered = CodePointText.mapping(UnicodeTables.lowered)
    decomposed = CodePointText.mapping(UnicodeTables.decomposed)
    var classes: [UInt32: UInt8] = [:]
    for item in UnicodeTables.classes.utf8.split(separator: UInt8(ascii: " ")) {
      let parts = item.split { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ">") }.map(CodePointText.code)
      for code in parts[0]...parts[1] { classes[code] = UInt8(truncatingIfNeeded: parts[2]) }
    }
    self.classes = classes
    for code in classes.keys { flags[Int(code)] |= Self.nonstarter }
    for code in lowered.keys { flags[Int(code)] |= Self.lowers }
    for code in decomposed.keys { flags[Int(code)] |= Self.decomposes }

    table = PagedTable(flags)
  }
}
