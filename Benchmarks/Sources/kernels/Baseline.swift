import Foundation

/// Rates that were recorded on a machine, to tell a slower loop from a slower machine.
struct Baseline: Codable {
  var processor: String
  var date: String
  /// GFLOP/s of one core's square product in OpenBLAS, in the same run.
  var peak: Double
  /// Units a second by the case's name.
  var rates: [String: Double]

  static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "baseline.json")

  static func load() -> Baseline? {
    (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode(Baseline.self, from: $0) }
  }

  func save() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try (encoder.encode(self) + Data("\n".utf8)).write(to: Self.file)
  }
}
