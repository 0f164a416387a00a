import Artifacts
import Foundation
import Models

/// A file beside the scripts that make golden values.
func golden(_ name: String) -> URL {
  let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return tests.appending(path: "Goldens/\(name)")
}

/// The folder of public data sets, where the machine has one.
let dataFolder: URL? = ProcessInfo.processInfo.environment["RETORT_DATA"].map { URL(fileURLWithPath: $0) }

/// A JSON file of goldens.
func goldenJSON(_ name: String) throws -> JSONValue {
  try JSONValue(parsing: [UInt8](Data(contentsOf: golden(name))))
}

extension JSONValue {
  var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }
  var members: [Member] { if case .object(let members) = self { members } else { [] } }
  var integers: [Int] { items.compactMap(\.integer) }
  var doubles: [Double] { items.compactMap(\.double) }
}

/// A folder of its own for a test, removed afterwards.
func withTemporaryFolder<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "retort-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(FilePath(folder.path))
}

func bytes(hex: String) -> [UInt8] {
  let digits = Array(hex.utf8)
  return stride(from: 0, to: digits.count - 1, by: 2).map { index in
    UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) ?? 0
  }
}

/// A small generator of its own (SplitMix64), so that a failing seed replays.
struct Dice: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
