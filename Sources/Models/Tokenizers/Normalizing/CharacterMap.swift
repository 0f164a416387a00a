import Artifacts

/// sentencepiece's table of replacements: a double-array trie over UTF-8 whose values are places in a block of texts.
///
/// Layout as in google/sentencepiece, `normalizer.cc`, `DecodePrecompiledCharsMap`: the trie's size in bytes, the trie as
/// 32-bit units (darts-clone), the texts, each ended by a zero byte; all little-endian. Applied as Hugging Face
/// tokenizers does (`Precompiled`): a grapheme of fewer than six bytes is replaced whole by the entry of its *shortest*
/// prefix that has one; of others each code point is replaced on its own.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  private let texts: [UInt8]
  /// Whether an ASCII character has an entry.
  private var maps: [Bool]

  /// - Throws: `tokenizer.badCharacterMap`.
  init(_ bytes: [UInt8], file: String? = nil) throws {
    func wrong(_ reason: String) -> RetortError {
      refusal("tokenizer.badCharacterMap", "The precompiled character map \(reason).", at: file)
    }
    guard bytes.count >= 4 else { throw wrong("is shorter than its header") }
    func unit(_ place: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32($1 * 8) }
    }
    let size = Int(unit(0))
    guard size > 0, size % 4 == 0, size <= bytes.count - 4 else {
      throw wrong("has a trie of \(size) bytes in \(bytes.count)")
    }
    units = stride(from: 4, to: 4 + size, by: 4).map(unit)
    texts = Array(bytes[(4 + size)...])
    guard String(validating: texts, as: UTF8.self) != nil else { throw wrong("holds texts that are not UTF-8") }
    maps = []
    maps = (0..<128).map { entry(of: [UInt8($0)]) != nil }
  }

  /// The place of the text that the shortest known prefix is replaced by.
  private func entry(of key: some Sequence<UInt8>) -> Int? {
    func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }
    var place = offset(units[0])
    for byte in key {
      if byte == 0 { return nil }
      place ^= Int(byte)
      guard units.indices.contains(place), units[place] & 0x8000_00FF == UInt32(byte) else { return nil }
      let unit = units[place]
      place ^= offset(unit)
      if unit & 0x100 != 0 {
        guard units.indices.contains(place) else { return nil }
        let value = Int(units[place] & 0x7FFF_FFFF)
        return value <= texts.count ? value : nil
      }
    }
    return nil
  }

  private func replacement(at place: Int) -> [UInt32] {
    let end = texts[place...].firstIndex(of: 0) ?? texts.count
    return String(decoding: texts[place..<end], as: UTF8.self).unicodeScalars.map(\.value)
  }

  func apply(to text: inout NormalizedText) {
    let points = TextPoints.shared
    let codes = text.codes
    // Most text has nothing to replace.
    if codes.allSatisfy({ $0 < 0x80 && !maps[Int($0)] }) { return }
    var changes: [NormalizedText.Change] = []
    changes.reserveCapacity(codes.count)
    var modified = false
    codes.withUnsafeBufferPointer { codes in
      var start = 0
      while start < codes.count {
        let code = codes[start]
        if code < 0x80, start + 1 == codes.count || codes[start + 1] < 0x80, code != 0x0D {
          if maps[Int(code)] {
            modified = replace(codes, start..<start + 1, &changes) || modified
          } else {
            changes.append(.init(code: code, count: 0))
          }
          start += 1
          continue
        }
        let end = Graphemes.end(in: codes, from: start, points: points)
        let bytes = codes[start..<end].reduce(0) { $0 + UTF8Coding.length($1) }
        if bytes < 6, replace(codes, start..<end, &changes) {
          modified = true
        } else {
          for index in start..<end {
            if replace(codes, index..<index + 1, &changes) {
              modified = true
            } else {
              changes.append(.init(code: codes[index], count: 0))
            }
          }
        }
        start = end
      }
    }
    if modified { text.transform(changes) }
  }

  /// Adds what a few code points are replaced by; false where they have no entry.
  private func replace(
    _ codes: UnsafeBufferPointer<UInt32>, _ range: Range<Int>, _ changes: inout [NormalizedText.Change]
  ) -> Bool {
    var key: [UInt8] = []
    for code in codes[range] { UTF8Coding.append(code, to: &key) }
    guard let place = entry(of: key) else { return false }
    let new = replacement(at: place)
    let difference = new.count - range.count
    changes += new.map { .init(code: $0, count: 0) }
    if difference > 0 {
      for index in (changes.count - difference)..<changes.count { changes[index].count = 1 }
    } else if difference < 0, !changes.isEmpty {
      // Where nothing is left, what was before takes it over, also what had been added: the library counts so.
      changes[changes.count - 1].count += Int32(difference)
    }
    return true
  }
}

/// UTF-8 of single code points.
enum UTF8Coding {
  @inline(__always)
  static func length(_ code: UInt32) -> Int { code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4 }

  @inline(__always)
  static func append(_ code: UInt32, to bytes: inout [UInt8]) {
    if code < 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: code))
    } else if code < 0x800 {
      bytes.append(UInt8(truncatingIfNeeded: 0xC0 | code >> 6))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | code & 0x3F))
    } else if code < 0x10000 {
      bytes.append(UInt8(truncatingIfNeeded: 0xE0 | code >> 12))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | code >> 6 & 0x3F))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | code & 0x3F))
    } else {
      bytes.append(UInt8(truncatingIfNeeded: 0xF0 | code >> 18))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | code >> 12 & 0x3F))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | code >> 6 & 0x3F))
      bytes.append(UInt8(truncatingIfNeeded: 0x80 | code & 0x3F))
    }
  }

  /// Decodes one scalar of valid UTF-8.
  @inline(__always)
  static func next(_ text: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> UInt32 {
    let lead = UInt32(text[index])
    if lead < 0x80 {
      index += 1
      return lead
    }
    let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    let end = min(index + length, text.count)
    var code = lead & (0x7F >> UInt32(length))
    for next in index + 1..<end { code = code << 6 | UInt32(text[next] & 0x3F) }
    index = end
    return min(code, 0x10FFFF)
  }
}
