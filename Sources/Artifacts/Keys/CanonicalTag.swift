/// The types of the canonical encoding. One byte stands before each value, so that values of two types never meet.
///
/// Integers of any width that fit `Int64` encode alike: widening a field keeps its key. All numbers are little-endian,
/// all lengths and counts are `UInt32`.
///
/// | tag | value | content |
/// | --- | --- | --- |
/// | `n` | nil | – |
/// | `t`, `f` | Boolean | – |
/// | `i` | integer | 8 bytes |
/// | `u` | integer above `Int64.max` | 8 bytes |
/// | `d`, `g` | `Double`, `Float` | 8, 4 bytes of the bit pattern; −0 is written as 0, NaN is refused |
/// | `s` | string | length, UTF-8 |
/// | `b` | bytes | length, bytes |
/// | `a` | array | count, values |
/// | `o` | object | count, then for each field in order of its name's bytes: length, name, value |
/// | `e` | set | count, values in order of their bytes |
/// | `m` | dictionary | count, then key and value in order of the key's bytes |
/// | `r` | input | the kind that it is read as (length, name), 32 bytes: the content digest of the artifact that flows in |
/// | `x` | source | 32 bytes: the content digest of a file or folder of the user's |
enum CanonicalTag {
  /// A place that nothing was written to: never serialised.
  static let unset: UInt8 = 0
  static let null = UInt8(ascii: "n")
  static let yes = UInt8(ascii: "t")
  static let no = UInt8(ascii: "f")
  static let integer = UInt8(ascii: "i")
  static let unsigned = UInt8(ascii: "u")
  static let double = UInt8(ascii: "d")
  static let float = UInt8(ascii: "g")
  static let string = UInt8(ascii: "s")
  static let bytes = UInt8(ascii: "b")
  static let array = UInt8(ascii: "a")
  static let object = UInt8(ascii: "o")
  static let set = UInt8(ascii: "e")
  static let map = UInt8(ascii: "m")
  static let input = UInt8(ascii: "r")
  static let source = UInt8(ascii: "x")
}
