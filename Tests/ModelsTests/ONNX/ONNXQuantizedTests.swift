import Artifacts
import RetortTesting
import Tensors
import Testing

@testable import Models

/// Files of int8 models, computed by the operators' definitions, against Retort's own integer products.
struct ONNXQuantizedTests {
  static let dynamic = Int8Convention.Granularity.allCases.flatMap { granularity in
    Int8Convention.Grid.allCases.flatMap { grid in
      [false, true].map { Int8Convention(granularity: granularity, grid: grid, reducesRange: $0) }
    }
  }
  static let fixed = Int8Convention.Grid.allCases.flatMap { grid in
    [false, true].map { Int8Convention.fixed(grid: grid, reducesRange: $0) }
  }

  /// Integers are equal but where a number lies on the border of two and differs in its last bits.
  private static let tolerance = 1e-3

  private func dense(_ name: String = "classifier", _ head: BertHead = .classifier(labels: 3)) throws
    -> (TinyBert, BertCheckpoint)
  {
    let tiny = try TinyBert(name, head: head)
    return (tiny, BertCheckpoint(tiny.bert, values: tiny.values))
  }

  /// How far both models' logits are apart for each sequence by itself: no padding is there to share a scale with.
  private func differences(_ quantized: QuantizedCheckpoint, _ tiny: TinyBert, _ activations: ONNXActivations) throws
    -> [Double]
  {
    let inference = try InferenceModel(quantized)
    let model = try ONNXModel(quantized, options: .init(activations: activations))
    return try (0..<tiny.batch.sequenceCount).map { sequence in
      let piece = tiny.batch.slice(sequence..<sequence + 1)
      return relativeDifference(
        try model.logits(PaddedBatch(piece)), try inference.logits(piece).flatMap { $0 })
    }
  }

  /// How near to a border a number is that F32's last bits may carry over it, in integers.
  private static let border = 1e-4

  /// For each sequence by itself, the least distance of what is rounded from the border of two integers.
  private static func margins(of model: ONNXModel, _ tiny: TinyBert) throws -> [Double] {
    let interpreter = try GraphInterpreter(model.bytes())
    return try (0..<tiny.batch.sequenceCount).map { sequence in
      var least = 0.5
      _ = try interpreter.run(PaddedBatch(tiny.batch.slice(sequence..<sequence + 1)).inputs) { operation, inputs in
        guard let x = inputs.first ?? nil else { return }
        var scale = 1.0
        switch operation.name {
        case "Round": break
        case "QuantizeLinear": scale = inputs[1]?.numbers.first ?? 1
        case "DynamicQuantizeLinear":
          let (low, high) = (min(0, x.numbers.min() ?? 0), max(0, x.numbers.max() ?? 0))
          scale = (high - low) / 255
        default: return
        }
        for number in x.numbers {
          let place = abs(number / scale)
          least = min(least, abs(place - place.rounded(.down) - 0.5))
        }
      }
      return least
    }
  }

  private func compare(_ quantized: QuantizedCheckpoint, _ tiny: TinyBert, _ activations: ONNXActivations) throws
    -> Double
  {
    try differences(quantized, tiny, activations).max() ?? .infinity
  }

  @Test(arguments: dynamic)
  func exactActivationsHaveRetortsIntegers(convention: Int8Convention) throws {
    let (tiny, dense) = try dense()
    let quantized = try QuantizedCheckpoint(quantizing: dense, convention: convention)
    let found = try differences(quantized, tiny, .exact)
    let margins = try Self.margins(of: ONNXModel(quantized, options: .init(activations: .exact)), tiny)
    // Where a number lies on the border of two integers, the last bits of sums decide, and builds differ in these.
    for (difference, margin) in zip(found, margins) where margin > Self.border {
      #expect(difference <= Self.tolerance, "\(found), margins \(margins)")
    }
    #expect(margins.count { $0 > Self.border } >= 2, "\(margins)")
  }

  @Test("With a scale a row, padding and neighbours change nothing")
  func rowsStandAlone() throws {
    let (tiny, dense) = try dense()
    let quantized = try QuantizedCheckpoint(quantizing: dense)
    let model = try ONNXModel(quantized, options: .init(activations: .exact))
    // ONNX Runtime takes a product of two scales for one number.
    #expect(!model.graph.nodes.contains { $0.opType == "Mul" && $0.name.hasSuffix("/scale") })
    let logits = try model.logits(PaddedBatch(tiny.batch, padding: 3, emptyRows: 1))
    let expected = try InferenceModel(quantized).logits(tiny.batch).flatMap { $0 }
    #expect(relativeDifference(Array(logits.prefix(expected.count)), expected) <= Self.tolerance)
    #expect(logits.allSatisfy { $0.isFinite })
  }

  @Test("The standard form has the integers of the convention that is like it, and is near the others")
  func standardActivations() throws {
    let (tiny, dense) = try dense()
    let same = try QuantizedCheckpoint(
      quantizing: dense, convention: .init(granularity: .tensor, grid: .affine, weightGranularity: .tensor))
    #expect(try compare(same, tiny, .standard) <= Self.tolerance)
    let other = try QuantizedCheckpoint(quantizing: dense)
    let difference = try compare(other, tiny, .standard)
    #expect(difference > 0 && difference < 0.1)
  }

  @Test(arguments: fixed)
  func staticScales(convention: Int8Convention) throws {
    let (tiny, dense) = try dense()
    // Ranges that clip something, so that the ends of the grid are met.
    let ranges = try Calibration(dense, observer: .percentile(95), convention: convention).ranges(over: [tiny.batch])
    let quantized = try QuantizedCheckpoint(quantizing: dense, convention: convention, ranges: ranges)
    let model = try ONNXModel(quantized)
    let logits = try model.logits(PaddedBatch(tiny.batch, padding: 2))
    let expected = try InferenceModel(quantized).logits(tiny.batch).flatMap { $0 }
    #expect(relativeDifference(logits, expected) <= Self.tolerance)
    let operations = Set(model.graph.nodes.map(\.opType))
    #expect(operations.isSuperset(of: ["QuantizeLinear", "DequantizeLinear"]) && !operations.contains("MatMulInteger"))
  }

  @Test("A masked LM's decoder and embeddings share their integers")
  func maskedLM() throws {
    let (tiny, dense) = try dense("maskedLM", .maskedLM)
    let quantized = try QuantizedCheckpoint(quantizing: dense)
    let model = try ONNXModel(quantized, options: .init(activations: .exact))
    let rows = try tiny.integers("rows")
    let logits = try model.logits(PaddedBatch(tiny.batch, padding: 1), at: rows.map { Int($0) })
    let expected = try InferenceModel(quantized).wordLogits(tiny.batch, at: rows).flatMap { $0 }
    #expect(relativeDifference(logits, expected) <= Self.tolerance)
    #expect(model.graph.tensors.filter { $0.shape == [60, 24] }.count == 1)
  }

  @Test func theFileIsAboutAQuarter() throws {
    let configuration = BertConfiguration(
      vocabularySize: 2_000, hiddenSize: 128, layerCount: 2, headCount: 2, intermediateSize: 512, maximumPositions: 64)
    let bert = try Bert(configuration, head: .classifier(labels: 2))
    let dense = BertCheckpoint(bert, values: bert.initialValues(seed: 1))
    let before = try ONNXModel(dense).byteCount()
    let share = try Double(ONNXModel(QuantizedCheckpoint(quantizing: dense)).byteCount()) / Double(before)
    #expect(share > 0.25 && share < 0.3)
  }
}
