import Models
import Retort
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A model that answers texts with labels or numbers.
struct Predictor {
  private let model: InferenceModel
  private let team: ThreadTeam
  private let longest: Int?
  private let folder: FilePath

  init(folder: FilePath, longest: Int?) throws {
    self.folder = folder
    self.longest = longest
    model = try InferenceModel(folder: folder)
    team = ThreadTeam(Machine.cores)
    switch model.head {
    case .classifier, .regression: break
    case .encoder, .maskedLM, .tagger:
      throw RetortError(
        "predict.head", "The model has no head that answers texts: it is \(Self.words(for: model.head)).",
        remedy: "Fine-tune it first.", at: Place(file: folder.appending("config.json").string))
    }
  }

  private static func words(for head: BertHead) -> String {
    switch head {
    case .maskedLM: "a masked language model"
    case .tagger: "a tagger of words"
    case .encoder, .classifier, .regression: "an encoder"
    }
  }

  /// What the model says of one text.
  struct Answer {
    var text: String
    /// Classes with their probabilities, in the model's order; empty for a number.
    var scores: [(label: String, probability: Double)]
    var value: Double?
    /// What the head gave, before any softmax.
    var logits: [Float] = []

    var best: (label: String, probability: Double)? { scores.max { $0.probability < $1.probability } }

    /// Label, probability and text, with tabs between them.
    var line: String {
      let text = text.replacing("\t", with: " ⇥ ")
      if let value { return "\(Figures.fixed(value, 4))\t\(text)" }
      return "\(best?.label ?? "")\t\(Figures.fixed(best?.probability ?? 0, 4))\t\(text)"
    }

    var json: JSONLine {
      .fields([
        "text": .string(text), "label": best.map { .string($0.label) },
        "probability": best.map { .number($0.probability) }, "value": value.map { .number($0) },
        "scores": scores.isEmpty ? nil : .object(scores.map { .init($0.label, .number($0.probability)) }),
        "logits": .array(logits.map { .number(Double($0)) }),
      ])
    }
  }

  func answers(to texts: [String]) throws -> [Answer] {
    let parts = texts.map { $0.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false).map(String.init) }
    let isPaired = parts.allSatisfy { $0.count == 2 }
    let first = isPaired ? parts.map { $0[0] } : texts
    let rows = try model.logits(of: first, pairs: isPaired ? parts.map { $0[1] } : nil, longest: longest, on: team)
    return zip(texts, rows).map { text, row in
      guard case .classifier = model.head else {
        return Answer(text: text, scores: [], value: row.first.map(Double.init), logits: row)
      }
      let labels = model.labels.count == row.count ? model.labels : row.indices.map { "LABEL_\($0)" }
      return Answer(text: text, scores: Array(zip(labels, Self.softmax(row))), value: nil, logits: row)
    }
  }

  private static func softmax(_ logits: [Float]) -> [Double] {
    let highest = logits.max() ?? 0
    let powers = logits.map { exp(Double($0 - highest)) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
