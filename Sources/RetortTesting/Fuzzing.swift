import FoundationEssentials

/// How many inputs a fuzz test tries: `RETORT_FUZZ` where it is a number (`make fuzz` sets it), else a few thousand.
public enum FuzzRuns {
  /// - Parameter standard: the count without the variable.
  public static func count(_ standard: Int = 10_000) -> Int {
    ProcessInfo.processInfo.environment["RETORT_FUZZ"].flatMap { Int($0) }.map { max(1, $0) } ?? standard
  }
}

/// Random bytes and changes of bytes that replay from a seed (SplitMix64, Steele et al. 2014).
public struct FuzzDice: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Some bytes with up to four changes: other bytes, pieces removed or repeated, tokens of the format put in.
  ///
  /// - Parameter tokens: what means something to the parser.
  public mutating func mutated(_ original: [UInt8], with tokens: [String]) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 0...4, using: &self) {
      let place = Int.random(in: 0...bytes.count, using: &self)
      let end = min(bytes.count, place + Int.random(in: 1...9, using: &self))
      switch Int.random(in: 0..<6, using: &self) {
      case 0 where place < bytes.count: bytes[place] = .random(in: 0...255, using: &self)
      case 1: bytes.removeSubrange(place..<end)
      case 2, 3: bytes.insert(contentsOf: Array((tokens.randomElement(using: &self) ?? "").utf8), at: place)
      case 4: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &self))
      default: if Int.random(in: 0..<8, using: &self) == 0 { bytes.removeSubrange(place...) }
      }
    }
    return bytes
  }
}
