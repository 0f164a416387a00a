/// Casts between `Float` and the two 16-bit formats, in integer arithmetic (techniques §11.6), for `Float16` is not
/// there on every platform.
public enum HalfPrecision {
  /// The value of an IEEE binary16.
  public static func float(fromF16 bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      // Subnormal: fraction · 2⁻²⁴ is exact in Float.
      let magnitude = Float(fraction) * Float(bitPattern: 0x3380_0000)
      return Float(bitPattern: magnitude.bitPattern | sign)
    case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The nearest IEEE binary16, ties to even; too large becomes infinite.
  public static func f16(from value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
    let magnitude = bits & 0x7FFF_FFFF
    if magnitude >= 0x7F80_0000 {
      // Infinity, or a quiet NaN that keeps the upper part of its payload.
      let payload: UInt16 = magnitude > 0x7F80_0000 ? 0x200 | UInt16(truncatingIfNeeded: magnitude >> 13) & 0x3FF : 0
      return sign | 0x7C00 | payload
    }
    if magnitude < 0x3880_0000 {
      // Below the smallest normal: adding 0.5 makes the hardware's rounding drop the right bits.
      let shifted = Float(bitPattern: magnitude) + 0.5
      return sign | UInt16(truncatingIfNeeded: shifted.bitPattern &- Float(0.5).bitPattern)
    }
    let rounded = magnitude &+ 0xFFF &+ (magnitude >> 13 & 1)
    let result = (rounded >> 13) &- (112 << 10)
    return sign | UInt16(truncatingIfNeeded: min(result, 0x7C00))
  }

  /// The value of a bfloat16.
  public static func float(fromBF16 bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

  /// The nearest bfloat16, ties to even.
  public static func bf16(from value: Float) -> UInt16 {
    let bits = value.bitPattern
    if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
  }
}
