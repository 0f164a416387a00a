import Foundation
import Testing

/// The digests of a run's artifacts by label, read from the events of `--json`.
struct Digests: Equatable {
  /// Content digests by port, by label. Stages that measure the machine are left out: their output is an observation.
  var byLabel: [String: [String: String]] = [:]
  /// The stages that were executed.
  var executed: [String] = []

  init(_ result: BuiltProgram.Result) throws {
    struct Event: Decodable {
      var event: String?
      var label: String?
      var stage: String?
      var digests: [String: String]?
    }
    for line in result.lines {
      let event = try JSONDecoder().decode(Event.self, from: Data(line.utf8))
      guard let label = event.label else { continue }
      if event.event == "started" { executed.append(label) }
      if event.event == "finished" || event.event == "cached", let digests = event.digests, !Self.measures(label),
        !Self.isInside(label)
      {
        byLabel[label] = digests
      }
    }
  }

  /// Whether a stage runs inside another one, as `augmented/Augment` in `augmented`. It is reported only where it is asked
  /// for: not by a run that finds the outer one in the cache.
  static func isInside(_ label: String) -> Bool {
    guard let slash = label.lastIndex(of: "/") else { return false }
    return label[label.index(after: slash)...].first?.isUppercase == true
  }

  /// The stages of the pipeline that were executed, without those inside others.
  var declaredExecuted: [String] { executed.filter { !Self.isInside($0) } }

  static func measures(_ label: String) -> Bool {
    label.hasSuffix("/speed") || label == "Compare"
  }
}

/// Numbers from a seed, the same on every machine: splitmix64.
struct SeededNumbers {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number in 0..<1.
  mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}
