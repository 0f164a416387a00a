import Artifacts
import Foundation
import Models
import RetortTesting
import Tensors
import Testing

/// Ranges of activations: PyTorch's observers, and models whose activations they fix.
struct CalibrationTests {
  private static let observers: [RangeObserver] = [
    .minMax, .movingAverage, .movingAverage(constant: 0.5), .histogram, .percentile(99.9),
  ]

  private static func dense(_ name: String = "classifier", _ head: BertHead = .classifier(labels: 3)) throws
    -> (BertCheckpoint, PackedBatch)
  {
    let tiny = try TinyBert(name, head: head)
    return (BertCheckpoint(tiny.bert, values: tiny.values), tiny.batch)
  }

  @Test func rangesArePyTorchs() throws {
    let golden = try Golden("quantization")
    let (dense, batch) = try Self.dense()
    let ranges = try Calibration(dense).ranges(over: [batch])
    #expect(ranges.keys.sorted() == dense.bert.linearLayers.sorted())
    for (layer, range) in ranges {
      let expected = try golden.floats("bert.range.\(layer)")
      #expect(relativeDifference([range.low, range.high], [min(0, expected[0]), max(0, expected[1])]) < 1e-5)
    }
    // Batches or one: the least and the largest are the same.
    let single = (0..<batch.sequenceCount).map { batch.slice($0..<$0 + 1) }
    let alone = try Calibration(dense).ranges(over: single)
    #expect(alone == ranges)
  }

  @Test func answersArePyTorchs() throws {
    let golden = try Golden("quantization")
    let (dense, batch) = try Self.dense()
    let small = try QuantizedCheckpoint(
      quantizing: dense, convention: .fixed(), ranges: Calibration(dense).ranges(over: [batch]))
    let logits = try InferenceModel(small).logits(batch).flatMap { $0 }
    // A number on the border of two integers may fall to the other side: one step of one activation.
    #expect(relativeDifference(logits, try golden.floats("bert.logits")) < 2e-3)
    #expect(relativeDifference(logits, try golden.floats("bert.dense")) > 1e-3)
  }

  @Test func observersArePyTorchs() throws {
    let golden = try Golden("quantization")
    let data = try golden.floats("batches")
    let batches = (0..<5).map { Array(data[$0 * 800..<($0 + 1) * 800]) }
    func range(_ observer: RangeObserver, _ batches: [[Float]]) throws -> [Float] {
      let range = try observer.range(of: batches)
      return [range.low, range.high]
    }
    #expect(try range(.minMax, batches) == golden.floats("observer.minMax"))
    #expect(relativeDifference(try range(.movingAverage, batches), try golden.floats("observer.movingAverage")) < 1e-6)
    // An average of one observation each, or of the last alone.
    #expect(
      relativeDifference(try range(.movingAverage(constant: 1), batches), try range(.minMax, [batches[4]])) < 1e-6)
    #expect(try range(.movingAverage, [data]) == range(.minMax, batches))
    #expect(relativeDifference(try range(.histogram, batches), try golden.floats("observer.histogram")) < 1e-6)
    let tails = (-50_000...50_000).map { number -> Float in
      let u = Double(number) / 50_000
      return Float(8 * u * u * u * u * u)
    }
    #expect(
      relativeDifference(try range(.histogram, [tails]), try golden.floats("observer.histogram.tails")) < 1e-3)
    // A percentile is known to a bin.
    let whole = try golden.floats("observer.minMax")
    let bin = Double(whole[1] - whole[0]) / 2_048
    for percent in [98.77, 99.93] {
      let expected = try golden.floats("observer.percentile.\(percent)")
      for (mine, theirs) in zip(try range(.percentile(percent), batches), expected) {
        #expect(abs(Double(mine) - Double(theirs)) <= bin * 1.001, "\(percent): \(mine), \(theirs)")
      }
    }
    #expect(relativeDifference(try range(.percentile(100), batches), whole) < 1e-6)
    // The outlier of 90 is what the two are for.
    #expect(try range(.histogram, batches)[1] < 90 && range(.percentile(99.9), batches)[1] < 30)
    #expect(try range(.minMax, batches)[1] == 90)
  }

  @Test func degenerateNumbers() throws {
    for observer in Self.observers {
      #expect(try observer.range(of: [[0, 0, 0]]) == ValueRange(0, 0))
      let single = try observer.range(of: [[4]])
      #expect(single == (try ValueRange(0, 4)), "\(observer)")
      #expect(try observer.range(of: [[-2, -2], [-2]]) == ValueRange(-2, 0))
    }
  }

  @Test(arguments: observers)
  func threadsChangeNoBit(observer: RangeObserver) throws {
    for (name, head) in TinyFolders.heads {
      let (dense, batch) = try Self.dense(name, head)
      let batches = [batch.slice(0..<2), batch.slice(2..<5)]
      let calibration = try Calibration(dense, observer: observer)
      let ranges = try calibration.ranges(over: batches)
      for threads in 1...3 { #expect(try calibration.ranges(over: batches, on: ThreadTeam(threads)) == ranges) }
      guard head != .maskedLM else { continue }
      let model = try InferenceModel(
        QuantizedCheckpoint(quantizing: dense, convention: .fixed(), ranges: ranges))
      let logits = try model.logits(batch)
      for threads in 1...3 { #expect(try model.logits(batch, on: ThreadTeam(threads)) == logits) }
      // Fixed scales: an answer does not depend on its neighbours, as with a scale a token.
      let alone = try (0..<batch.sequenceCount).flatMap { try model.logits(batch.slice($0..<$0 + 1)) }
      #expect(alone == logits)
    }
  }

  @Test func maskedLM() throws {
    let tiny = try TinyBert("maskedLM", head: .maskedLM)
    let dense = BertCheckpoint(tiny.bert, values: tiny.values)
    let ranges = try Calibration(dense).ranges(over: [tiny.batch])
    #expect(ranges["cls.predictions.decoder"] != nil)
    let small = try QuantizedCheckpoint(quantizing: dense, convention: .fixed(), ranges: ranges)
    let rows = try tiny.integers("rows")
    let logits = try InferenceModel(small).wordLogits(tiny.batch, at: rows).flatMap { $0 }
    #expect(relativeDifference(logits, try tiny.floats("logits")) < 0.1)
  }

  @Test func whatIsRefused() throws {
    let (dense, batch) = try Self.dense()
    #expect(code { _ = try Calibration(dense).ranges(over: []) } == "quantize.calibration")
    #expect(code { _ = try Calibration(dense).ranges(over: [PackedBatch()]) } == "quantize.calibration")
    for observer: RangeObserver in [
      .movingAverage(constant: 0), .movingAverage(constant: 1.1), .histogram(bins: 1), .percentile(50),
      .percentile(.nan), .percentile(99, bins: 1 << 30),
    ] { #expect(code { _ = try Calibration(dense, observer: observer) } == "quantize.observer") }
    #expect(code { _ = try QuantizedCheckpoint(quantizing: dense, convention: .fixed()) } == "quantize.range")
    struct Stop: Error {}
    #expect(throws: Stop.self) { _ = try Calibration(dense).ranges(over: [batch]) { _, _ in throw Stop() } }
    let entry = try dense.bert.layout.entry("bert.encoder.layer.1.intermediate.dense.bias")
    dense.values.write([.infinity], at: entry.offset)
    do {
      _ = try Calibration(dense).ranges(over: [batch])
      Issue.record("Infinite activations were taken.")
    } catch let error as RetortError {
      #expect(error.code == "quantize.notFinite" && error.place.field == "bert.encoder.layer.1.output.dense")
      #expect(!error.remedy.isEmpty)
    }
  }
}

/// Folders of models with static activations.
struct StaticFolderTests {
  static let conventions = [
    Int8Convention.fixed(), .fixed(grid: .symmetric, reducesRange: true, weights: .full),
    .fixed(weightGranularity: .tensor), Int8Convention(granularity: .tensor, grid: .affine, reducesRange: true),
    Int8Convention(weights: .full, weightGranularity: .tensor),
  ]

  private func quantized(_ convention: Int8Convention) throws -> QuantizedCheckpoint {
    let dense = try TinyFolders.checkpoint("classifier", .classifier(labels: 3))
    let batch = try PackedBatch([[2, 7, 8, 9, 3], [2, 30, 3], [2, 12, 13, 14, 3]])
    return try QuantizedCheckpoint(
      quantizing: dense, convention: convention, ranges: Calibration(dense).ranges(over: [batch]))
  }

  @Test(arguments: conventions)
  func aFolderComesBackAsItWas(convention: Int8Convention) throws {
    try withTemporaryFolder { folder in
      let small = try quantized(convention)
      try small.write(to: folder)
      try TinyFolders.tokenizer().write(to: folder)
      let again = try QuantizedCheckpoint(folder: folder)
      #expect(again.convention == convention && again.matrices == small.matrices && again.ranges == small.ranges)
      #expect(again.ranges.isEmpty == (convention.ranges == .dynamic))
      let (model, texts) = (try InferenceModel(folder: folder), ["w7 w8 w9", "w30", "w12 w13 w14"])
      #expect(try model.logits(of: texts) == InferenceModel(small).logits(model.batch(of: texts)))
      let whole = try InferenceModel(small.dequantized()).logits(model.batch(of: texts))
      #expect(relativeDifference(try model.logits(of: texts).flatMap { $0 }, whole.flatMap { $0 }) < 0.15)
    }
  }

  @Test func theFileIsAboutAQuarter() throws {
    let configuration = BertConfiguration(
      vocabularySize: 2_000, hiddenSize: 128, layerCount: 2, headCount: 2, intermediateSize: 512,
      maximumPositions: 64)
    let bert = try Bert(configuration, head: .classifier(labels: 2))
    let dense = BertCheckpoint(bert, values: bert.initialValues(seed: 1))
    let ranges = try Calibration(dense, observer: .histogram).ranges(over: [PackedBatch([[1, 5, 2], [7]])])
    try withTemporaryFolder { folder in
      try dense.write(to: folder)
      let before = try ModelFolder.bytes(in: folder)
      try QuantizedCheckpoint(quantizing: dense, convention: .fixed(), ranges: ranges).write(to: folder)
      let share = try Double(ModelFolder.bytes(in: folder)) / Double(before)
      #expect(share > 0.25 && share < 0.285)
    }
  }

  @Test(
    arguments: [
      ("model.missingTensor", "classifier.input_range", nil), ("model.shape", "classifier.input_range", [0]),
      ("model.badRange", "classifier.input_range", [0.5, 1]), ("model.notFinite", "classifier.input_range", [0, .nan]),
      ("model.badRange", "bert.encoder.layer.1.attention.self.value.input_range", [-1, 77]),
    ] as [(String, String, [Float]?)])
  func spoiltRanges(given: (code: String, name: String, floats: [Float]?)) throws {
    try withTemporaryFolder { folder in
      try quantized(.fixed()).write(to: folder)
      let path = folder.appending("model.safetensors")
      let file = try SafetensorsFile(at: path)
      let tensors = try file.header.entries.compactMap { entry -> StoredTensor? in
        guard entry.name == given.name else {
          let bytes = try file.bytes(entry.name)
          return StoredTensor(name: entry.name, type: entry.type, shape: entry.shape) { bytes }
        }
        return given.floats.map { StoredTensor(entry.name, shape: [$0.count], floats: $0) }
      }
      try SafetensorsWriter.write(tensors, to: path)
      do {
        _ = try QuantizedCheckpoint(folder: folder)
        Issue.record("It was read.")
      } catch let error as RetortError { #expect(error.code.rawValue == given.code, "\(error)") }
    }
  }

  @Test func spoiltConventions() throws {
    try withTemporaryFolder { folder in
      try quantized(.fixed()).write(to: folder)
      func refused(_ change: String, _ to: String) throws -> String? {
        let json = """
          {"activation_bits": 8, "activation_granularity": "tensor", "activation_grid": "affine",
           "activation_range": "static", "weight_bits": 8, "weight_granularity": "row", "weight_grid": "symmetric"}
          """
        try TinyFolders.set("retort_quantization", json.replacing(change, with: to), in: folder)
        return code { _ = try QuantizedCheckpoint(folder: folder) }
      }
      #expect(try refused("static", "static") == nil)
      #expect(try refused("tensor", "row") == "model.badConfiguration")
      #expect(try refused("static", "guessed") == "model.badConfiguration")
      #expect(try refused("bits\": 8, \"activation_gran", "bits\": 6, \"activation_gran") == "model.badConfiguration")
      #expect(try refused("\"symmetric", "\"log") == "model.badConfiguration")
    }
  }
}
