import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Random numbers that are a function of (seed, purpose, step, position): there is no hidden state to lose.
///
/// To resume, rebuild the stream from its four values. Two streams that differ in any of the first three are
/// independent. Block `n` of a stream is Philox of the counter (n low, n high, purpose, step).
public struct RandomStream: RandomNumberGenerator, Sendable {
  /// What a stream is for. Dropout takes the upper half of the range, one number an operation.
  public struct Purpose: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public static let initialisation = Purpose(rawValue: 1)
    public static let shuffling = Purpose(rawValue: 2)
    public static let masking = Purpose(rawValue: 3)
    public static let augmentation = Purpose(rawValue: 4)
    public static let generation = Purpose(rawValue: 5)
    static let firstDropout: UInt32 = 0x8000_0000
  }

  public let seed: UInt64
  public let purpose: Purpose
  /// The step, epoch or item that the stream belongs to.
  public let step: UInt32
  /// How many 32-bit words have been taken; setting it jumps there.
  public var position: UInt64

  private var block = SIMD4<UInt32>()
  private var blockIndex = UInt64.max

  public init(seed: UInt64, purpose: Purpose, step: Int = 0, position: UInt64 = 0) {
    self.seed = seed
    self.purpose = purpose
    self.step = UInt32(truncatingIfNeeded: step)
    self.position = position
  }

  /// The next 32 random bits.
  public mutating func word() -> UInt32 {
    let index = position >> 2
    if index != blockIndex {
      let counter = SIMD4(
        UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), purpose.rawValue, step)
      block = Philox.block(counter, key: Philox.key(seed: seed))
      blockIndex = index
    }
    defer { position &+= 1 }
    return block[Int(position & 3)]
  }

  public mutating func next() -> UInt64 { UInt64(word()) | UInt64(word()) << 32 }

  /// Uniform in [0, 1) with 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in 0 ..< bound, without bias (Lemire 2019); 0 where the bound is not positive.
  public mutating func integer(below bound: Int) -> Int {
    guard bound > 1 else { return 0 }
    let range = UInt64(bound)
    let threshold = (0 &- range) % range
    while true {
      let product = next().multipliedFullWidth(by: range)
      if product.low >= threshold { return Int(product.high) }
    }
  }

  public mutating func bernoulli(_ probability: Double) -> Bool { uniform() < probability }

  /// Standard normal, by Box and Muller's transform (one value a pair of uniforms: the position stays simple).
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  /// A uniform permutation of 0 ..< count (Fisher and Yates), independent of the standard library's `shuffle`.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<max(0, count))
    for last in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(last, integer(below: last + 1))
    }
    return order
  }
}
