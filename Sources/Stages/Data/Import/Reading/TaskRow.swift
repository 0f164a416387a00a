import Artifacts

/// An example of a task's file, before labels have numbers.
struct TaskRow {
  enum Target: Equatable {
    case label(String)
    case value(Double)
    /// In IOB2, where tags mark spans.
    case tags([String])
  }

  var text = ""
  var pair: String?
  /// The words that are tagged; empty for texts.
  var words: [String] = []
  var target: Target
  var group: String?
  /// Where the target stands, for errors.
  var place: Place
  /// Where each tag stands; empty for texts.
  var tagPlaces: [Place] = []
}

extension TaskRow {
  /// What makes two examples the same: case and spacing do not count.
  var textHash: UInt64 { TextHash.of(words.isEmpty ? text : words.joined(separator: " "), pair ?? "") }

  /// The same for the text alone, without its pair.
  var queryHash: UInt64 { TextHash.of(text, "") }
}

/// 64 bits for a text, to find equal ones among many: among a hundred million texts, two others are taken for equal with
/// a chance of 1 in 3,700.
enum TextHash {
  /// Case and spacing do not count.
  static func of(_ text: String, _ pair: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    normal(text, into: &hash)
    add(9, to: &hash)
    normal(pair, into: &hash)
    return mixed(hash)
  }

  /// Byte by byte.
  static func exact(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { add(byte, to: &hash) }
    return mixed(hash)
  }

  private static func normal(_ text: String, into hash: inout UInt64) {
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
      let plain = text.lowercased().split { $0.isWhitespace }.joined(separator: " ")
      for byte in plain.utf8 { add(byte, to: &hash) }
      return
    }
    var (isPending, isInside) = (false, false)
    for byte in text.utf8 {
      if byte == 32 || (9...13).contains(byte) {
        isPending = isInside
        continue
      }
      if isPending { add(32, to: &hash) }
      (isPending, isInside) = (false, true)
      add((65...90).contains(byte) ? byte | 32 : byte, to: &hash)
    }
  }

  /// FNV-1a (Fowler, Noll and Vo 1991).
  private static func add(_ byte: UInt8, to hash: inout UInt64) {
    hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
  }

  /// The finaliser of MurmurHash3, so that all bits count.
  private static func mixed(_ hash: UInt64) -> UInt64 {
    var hash = hash
    hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
    return hash ^ hash >> 33
  }
}
