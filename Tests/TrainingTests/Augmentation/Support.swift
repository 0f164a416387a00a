import Artifacts
import Foundation
import Models
import RetortTesting
import Tensors
import Training

/// A JSON file beside the scripts that make golden values.
func goldenJSON(_ name: String) throws -> JSONValue {
  let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return try JSONValue(parsing: [UInt8](Data(contentsOf: tests.appending(path: "Goldens/\(name)"))))
}

/// The folder of public data sets, where the machine has one.
let dataFolder: URL? = ProcessInfo.processInfo.environment["RETORT_DATA"].map { URL(fileURLWithPath: $0) }

extension JSONValue {
  var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }
}

/// SplitMix64, so that a failing seed replays.
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

  /// The bytes with a few of them changed, cut, added or doubled.
  mutating func spoiled(_ original: [UInt8], with special: String) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 0...3, using: &self) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &self)
      switch Int.random(in: 0..<4, using: &self) {
      case 0: bytes[place] = .random(in: 0...255, using: &self)
      case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...9, using: &self)))
      case 2: bytes.insert(Array(special.utf8).randomElement(using: &self) ?? 0, at: place)
      default: bytes += bytes[place...]
      }
    }
    return bytes
  }
}

/// The masked language model of `Tests/Goldens/augmentation.py`.
struct TinyLanguage: Sendable {
  let model: InferenceModel
  let vocabulary: [String]

  /// - Parameters: positions: how many of the model's 40 are kept; segments: 1 or 2.
  init(positions: Int = 40, segments: Int = 2, tokens: [String]? = nil) throws {
    let golden = try Golden("bert")
    vocabulary = try tokens ?? goldenJSON("augmentation/candidates.json")["vocabulary"]?.items.compactMap(\.text) ?? []
    var configuration = BertConfiguration(
      vocabularySize: 60, hiddenSize: 24, layerCount: 2, headCount: 3, intermediateSize: 40,
      maximumPositions: positions, dropout: 0)
    configuration.typeVocabularySize = segments
    let bert = try Bert(configuration, head: .maskedLM)
    let values = FlatBuffer<Float>(count: bert.layout.count)
    for entry in bert.layout.entries {
      let parameter = try golden.floats("maskedLM.parameter.\(entry.name)")
      values.write(parameter.prefix(entry.range.count), at: entry.offset)
    }
    let tokenizer = try BertTokenizer(table: TokenTable(vocabulary))
    model = try InferenceModel(BertCheckpoint(bert, values: values), tokenizer: tokenizer)
  }

  func augmenter(_ rules: TinyBERTRules, vectors: WordVectors? = nil, seed: UInt64 = 1) throws -> TinyBERTAugmenter {
    try TinyBERTAugmenter(rules, language: model, vectors: vectors, seed: seed)
  }
}

extension Augmenter {
  /// The variants of one example at a place.
  func variants(of example: LabelledExample, at index: Int = 0) throws -> [Variant] {
    let examples = [LabelledExample](repeating: example, count: index + 1)
    return try variants(of: examples[index...]).variants[0]
  }
}
