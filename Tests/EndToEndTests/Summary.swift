import Foundation
import Testing

/// The last line of `--json`.
struct Summary: Decodable {
  struct Stages: Decodable, Equatable {
    var ran: Int
    var cached: Int
    var failed: Int
  }

  struct Model: Decodable {
    var label: String
    var digest: String
    var parameters: Int
    var bytes: Int
    var accuracy: Double
    var sentencesPerSecond: Double

    enum CodingKeys: String, CodingKey {
      case label, digest, parameters, bytes, accuracy
      case sentencesPerSecond = "sentences_per_second"
    }
  }

  var stages: Stages
  var models: [Model]

  /// Every line must be JSON; the last one is the summary.
  init(_ result: BuiltProgram.Result) throws {
    for line in result.lines {
      _ = try JSONSerialization.jsonObject(with: Data(line.utf8))
    }
    let last = try #require(result.lines.last, "nothing on stdout; stderr: \(result.errors)")
    self = try JSONDecoder().decode(Summary.self, from: Data(last.utf8))
  }
}
