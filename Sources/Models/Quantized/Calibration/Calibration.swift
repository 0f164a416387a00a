import Artifacts
import Tensors

/// Runs a dense model over sample inputs and finds what range each linear layer's inputs have.
///
/// Every token counts, as in PyTorch's and ONNX Runtime's calibration. The result depends on the batches and their order
/// (where the observer averages them), and not on the number of threads.
/// ```swift
/// let ranges = try Calibration(dense, observer: .minMax).ranges(over: batches)
/// let small = try QuantizedCheckpoint(quantizing: dense, convention: .fixed(), ranges: ranges)
/// ```
public struct Calibration {
  private let checkpoint: BertCheckpoint
  private let observer: RangeObserver
  private let convention: Int8Convention

  /// - Parameter convention: its grid is what `histogram` minimises the error of.
  /// - Throws: `quantize.observer` for an observer with values that it cannot use.
  public init(
    _ checkpoint: BertCheckpoint, observer: RangeObserver = .minMax, convention: Int8Convention = .fixed()
  ) throws {
    (self.checkpoint, self.observer, self.convention) = (checkpoint, try observer.checked, convention)
  }

  /// The range of each linear layer's inputs, by the layer's name.
  ///
  /// - Parameters:
  ///   - batches: at least one sequence in all; observers with a histogram see them twice.
  ///   - afterBatch: is told how many batches were seen of how many, and may throw to end.
  /// - Throws: `quantize.calibration` where there is nothing to see, `quantize.notFinite` naming the layer, and what
  ///   inference throws for tokens that the model does not have.
  public func ranges(
    over batches: [PackedBatch], on team: ThreadTeam? = nil,
    afterBatch: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> [String: ValueRange] {
    guard batches.contains(where: { $0.sequenceCount > 0 }) else {
      throw refusal(
        "quantize.calibration", "There are no texts to calibrate on.",
        remedy: "Give 100 to 1,000 texts like those that the model will see.")
    }
    let collector = RangeCollector(observer)
    let model = try InferenceModel(
      ObservedSource(base: DenseSource(checkpoint: checkpoint), collector: collector), form: .dense, tokenizer: nil)
    let total = batches.count * (observer.bins == nil ? 1 : 2)
    func see(after done: Int) throws {
      for (index, batch) in batches.enumerated() {
        try model.runLayers(batch, on: team)
        try collector.endBatch()
        try afterBatch(done + index + 1, total)
      }
    }
    try see(after: 0)
    if let bins = observer.bins {
      collector.beginHistograms(bins: bins)
      try see(after: batches.count)
    }
    let found = try collector.ranges(points: 1 << convention.activationBits)
    return Self.shared(found, by: checkpoint.bert.configuration)
  }

  /// Keys and values are one product, and share their input with the queries; MobileBERT's values have their own.
  private static func shared(
    _ found: [String: ValueRange], by configuration: BertConfiguration
  ) -> [String: ValueRange] {
    var ranges = found
    for block in 0..<configuration.parameterBlocks {
      let name = "\(BertNames.block(block)).attention.self"
      if configuration.bottleneck == nil {
        for layer in ["query", "key", "value"] { ranges["\(name).\(layer)"] = found["\(name).key"] }
      } else {
        ranges["\(name).key"] = found["\(name).query"]
        // A layer that no one reads may stand beside the one that narrows the same states.
        let narrow = "\(BertNames.block(block)).bottleneck"
        ranges["\(narrow).attention.dense"] = found["\(narrow).attention.dense"] ?? found["\(narrow).input.dense"]
      }
    }
    return ranges
  }
}

extension InferenceModel {
  /// Runs every layer on every token; heads on what they read.
  func runLayers(_ batch: PackedBatch, on team: ThreadTeam?) throws {
    // Observers count what they see: members of a crew would show them everything again.
    try run(batch, on: team, allowsCrews: false) { pass in
      let states = try pass.encode()
      let (hidden, space) = (configuration.hiddenSize, pass.workspace)
      switch outputs {
      case .encoder: break
      case .pooled:
        let count = pass.batch.sequenceCount
        let first = space.floats(count * hidden)
        ForwardLoops.gatherRows(states, at: pass.batch.firstRows, width: hidden, into: first)
        outputs.answer(first, rows: count, into: space.floats(count * head.outputs), in: space)
      case .tagger(let classifier):
        let count = pass.batch.tokenCount
        classifier(states, rows: count, into: space.floats(count * head.outputs), in: space)
      case .maskedLM:
        let count = pass.batch.tokenCount
        outputs.words(
          states, rows: count, transformActivation, into: space.floats(count * configuration.vocabularySize), in: space)
      }
    }
  }
}
