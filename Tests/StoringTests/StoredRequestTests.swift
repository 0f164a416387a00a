import Artifacts
import Foundation
import Testing

@testable import Storing

@Suite("Requests of runs as they are stored")
struct StoredRequestTests {
  private static let texts = [
    "", "a", "--cache", "out/cache", "größer", "日本語", "\"", "\\", "a\"b", "\n", "\u{1}", "{", "}", "[", "]", ":", ",",
    "\"pipeline\":\"x\"", "pipeline", "/", "\u{7F}", "\u{2028}", "e\u{301}",
  ]

  private static func request(_ random: inout SeededRandom) -> RunRequest {
    func text() -> String {
      (0..<Int.random(in: 0...2, using: &random)).map { _ in texts.randomElement(using: &random) ?? "" }.joined()
    }
    let keys = ["data", "size", "epochs", "learning-rate", "pipeline", "words"]
    return RunRequest(
      pipeline: text(), arguments: (0..<Int.random(in: 0...4, using: &random)).map { _ in text() },
      options: Dictionary(
        keys.shuffled(using: &random).prefix(3).map { ($0, text()) }, uniquingKeysWith: { first, _ in first }),
      startedAt: [0, 1, 1.5, 1_764_170_474.123, 1e300, -1, 1e16, 0.1].randomElement(using: &random) ?? 0,
      profile: NumericsProfile(kernels: text(), blas: text(), build: text()))
  }

  /// The bytes are Foundation's, whether they were written by it or not, and tell what was asked for.
  @Test func areWhatFoundationWrites() throws {
    var random = SeededRandom(seed: 28)
    for _ in 0..<4_000 {
      let request = Self.request(&random)
      let stored = try StoredRequest(request)
      #expect(stored.json == Array(try JSONEncoder.records.encode(request)))
      #expect(stored.pipeline == request.pipeline)
      let read = try StoredRequest(json: stored.json)
      #expect(read == stored)
      #expect(try StoredRequest.decoded(read.json) == request)
    }
  }

  @Test func otherFormsOfJSONAreReadToo() throws {
    let text = """
      { "startedAt" : 1, "pipeline" : "a\\u0062", "options" : { "pipeline" : "no" }, "arguments" : [ "x" ],
        "profile" : { "kernels" : "k", "blas" : "b", "build" : "d" } }
      """
    #expect(try StoredRequest(json: Array(text.utf8)).pipeline == "ab")
  }

  @Test(arguments: [
    "", "{", "[]", "{\"pipeline\":\"", "{\"pipeline\":1}", "null", "\"pipeline\":\"x\"",
    "{\"options\":{\"pipeline\":\"x\"}}",
  ])
  func whatIsNoneIsRefused(text: String) {
    #expect(throws: DecodingError.self) { try StoredRequest(json: Array(text.utf8)) }
  }

  @Test func neverTraps() throws {
    var random = SeededRandom(seed: 29)
    let whole = try StoredRequest(Self.request(&random)).json
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        if Bool.random(using: &random) {
          bytes[place] = UInt8.random(in: 0...255, using: &random)
        } else {
          bytes.remove(at: place)
        }
      }
      _ = try? StoredRequest(json: bytes)
    }
  }
}
