/// What normalisers, pre-tokenisers and added tokens other than BERT's need to know about a code point.
struct TextPoints: Sendable {
  static let shared = TextPoints()

  static let letter: UInt16 = 1
  static let number: UInt16 = 2
  static let space: UInt16 = 4
  static let wordPart: UInt16 = 8
  /// Deleted where accents are stripped on their own.
  static let mark: UInt16 = 16
  static let compatible: UInt16 = 32
  static let prepend: UInt16 = 64
  static let extend: UInt16 = 128
  static let control: UInt16 = 256
  static let pictograph: UInt16 = 512
  static let extender: UInt16 = 1024
  static let consonant: UInt16 = 2048
  static let linker: UInt16 = 4096
  static let conjunctExtender: UInt16 = 8192
  /// May be the second half of a canonical composition.
  static let composes: UInt16 = 16384

  private let table: PagedTable<UInt16>
  private let compatibility: [UInt32: [UInt32]]
  private let compositions: [UInt64: UInt32]

  @inline(__always)
  func flags(_ code: UInt32) -> UInt16 { table[code] }

  @inline(__always)
  func isSpace(_ code: UInt32) -> Bool { table[code] & Self.space != 0 }

  /// The compatibility decomposition of a code point that has the flag.
  func compatibility(_ code: UInt32) -> [UInt32] { compatibility[code] ?? [code] }

  /// The canonical composition of two code points, if there is one.
  func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    // Hangul syllables by arithmetic (Unicode, 3.12).
    if first >= 0x1100, first < 0x1113, second >= 0x1161, second < 0x1176 {
      return 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28
    }
    if first >= 0xAC00, first < 0xD7A4, (first - 0xAC00) % 28 == 0, second > 0x11A7, second < 0x11C3 {
      return first + second - 0x11A7
    }
    return table[second] & Self.composes == 0 ? nil : compositions[UInt64(first) << 32 | UInt64(second)]
  }

  private init() {
    var flags = [UInt16](repeating: 0, count: 0x110000)
    func add(_ flag: UInt16, _ table: String) {
      CodePointText.forEachCode(of: table) { flags[Int($0)] |= flag }
    }
    add(Self.letter, TextTables.letters)
    add(Self.number, TextTables.numbers)
    add(Self.space, TextTables.spaces)
    add(Self.wordPart, TextTables.wordParts)
    add(Self.mark, TextTables.marks)
    add(Self.prepend, TextTables.prepends)
    add(Self.extend, TextTables.extends)
    add(Self.control, TextTables.controls)
    add(Self.pictograph, TextTables.pictographs)
    add(Self.extender, TextTables.extenders)
    add(Self.consonant, TextTables.consonants)
    add(Self.linker, TextTables.linkers)
    add(Self.conjunctExtender, TextTables.conjunctExtenders)
    flags[0] |= Self.control
    compatibility = CodePointText.mapping(TextTables.compatibility)
    for code in compatibility.keys { flags[Int(code)] |= Self.compatible }
    var compositions: [UInt64: UInt32] = [:]
    for (composed, parts) in CodePointText.mapping(TextTables.compositions) where parts.count == 2 {
      compositions[UInt64(parts[0]) << 32 | UInt64(parts[1])] = composed
      flags[Int(parts[1])] |= Self.composes
    }
    self.compositions = compositions
    table = PagedTable(flags)
  }
}
