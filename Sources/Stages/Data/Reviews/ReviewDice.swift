/// Random choices that depend on the seed and their number alone, the same on every platform.
struct ReviewDice {
  private let key: UInt64
  private var counter: UInt64 = 0

  /// - Parameter stream: Choices of different streams have nothing to do with one another.
  init(seed: UInt64, stream: UInt64) { key = Self.mix(Self.mix(seed) ^ stream &* 0xD6E8_FEB8_6659_FD93) }

  /// The finaliser of SplitMix64 (Steele et al. 2014).
  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  private mutating func next() -> UInt64 {
    counter &+= 1
    return Self.mix(key &+ counter &* 0x9E37_79B9_7F4A_7C15)
  }

  /// A whole number from 0 up to, not including, `count`.
  mutating func number(below count: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(max(count, 1))).high) }

  /// True in `percent` of 100 cases.
  mutating func chance(_ percent: Int) -> Bool { number(below: 100) < percent }

  mutating func pick(_ choices: [String]) -> String { choices.isEmpty ? "" : choices[number(below: choices.count)] }

  /// A number of an item by weight.
  mutating func pick(weights: [Int]) -> Int {
    var rest = number(below: weights.reduce(0, +))
    for (index, weight) in weights.enumerated() {
      if rest < weight { return index }
      rest -= weight
    }
    return 0
  }

  /// Puts items in a random order (Fisher and Yates).
  mutating func shuffle<Item>(_ items: inout [Item]) {
    for index in items.indices.dropFirst().reversed() { items.swapAt(index, number(below: index + 1)) }
  }
}
