import Artifacts
import Foundation
import Models
import RetortTesting
import Tensors
import Testing

/// The inference type against PyTorch and against the training graph, and what must not change a bit.
struct InferenceTests {
  private static let tolerance = 1e-5

  private static func model(_ name: String, _ head: BertHead) throws -> (TinyBert, InferenceModel) {
    let tiny = try TinyBert(name, head: head)
    return (tiny, try InferenceModel(BertCheckpoint(tiny.bert, values: tiny.values)))
  }

  @Test func classifierEqualsPyTorch() throws {
    let (tiny, model) = try Self.model("classifier", .classifier(labels: 3))
    let logits = try model.logits(tiny.batch)
    #expect(logits.map(\.count) == [3, 3, 3, 3, 3])
    #expect(relativeDifference(logits.flatMap { $0 }, try tiny.floats("logits")) <= Self.tolerance)
    let states = try model.hiddenStates(tiny.batch)
    #expect(relativeDifference(states.flatMap { $0 }, try tiny.floats("hidden.2")) <= Self.tolerance)
    #expect(model.precision == "f32" && model.parameterCount == tiny.bert.layout.parameterCount)
  }

  @Test func regressionEqualsPyTorch() throws {
    let (tiny, model) = try Self.model("regression", .regression)
    #expect(
      relativeDifference(try model.logits(tiny.batch).flatMap { $0 }, try tiny.floats("logits")) <= Self.tolerance)
  }

  @Test func maskedLMEqualsPyTorch() throws {
    let (tiny, model) = try Self.model("maskedLM", .maskedLM)
    let rows = try tiny.integers("rows")
    for team in [nil, ThreadTeam(3)] {
      let logits = try model.wordLogits(tiny.batch, at: rows, on: team)
      #expect(relativeDifference(logits.flatMap { $0 }, try tiny.floats("logits")) <= Self.tolerance)
    }
    let swapped = try model.wordLogits(tiny.batch, at: [rows[4], rows[0], rows[4]])
    let whole = try model.wordLogits(tiny.batch, at: rows)
    #expect(swapped == [whole[4], whole[0], whole[4]])
  }

  /// One row of each sequence: the tokens that the training graph finds likeliest there.
  @Test(arguments: [[0, 9, 46, 47, 53], [8, 45, 46, 52, 55], [3, 30, 46, 49, 54]] as [[Int32]])
  func likeliestTokens(rows: [Int32]) throws {
    let (tiny, model) = try Self.model("maskedLM", .maskedLM)
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let binding = ParameterBinding(tiny.bert.layout, values: tiny.values)
    let states = try tiny.bert.encode(tiny.batch, with: binding, in: graph)
    let logits = try tiny.bert.wordLogits(states, at: rows, with: binding, in: graph).values
    let expected = rows.indices.map { row in
      (0..<60).sorted { logits[row * 60 + $0] > logits[row * 60 + $1] }.map { Int32($0) }
    }
    for team in [nil, ThreadTeam(1), ThreadTeam(2), ThreadTeam(3)] {
      let found = try model.likeliestTokens(tiny.batch, at: rows, count: 15, on: team)
      #expect(found == expected.map { Array($0.prefix(15)) })
    }
    #expect(try model.likeliestTokens(tiny.batch, at: rows, count: 99) == expected)
    #expect(try model.likeliestTokens(tiny.batch, at: rows, count: 0) == rows.map { _ in [] })
    #expect(try model.likeliestTokens(PackedBatch(), at: [], count: 3).isEmpty)
  }

  @Test func largestValues() {
    func places(_ row: [Float], _ count: Int, except: Int? = nil) -> [Int] {
      row.withUnsafeBufferPointer { LargestValues.places(in: $0, count: count, except: except) }
    }
    #expect(places([1, 3, 2, 3, -1], 3) == [1, 3, 2])
    #expect(places([1, 3, 2, 3, -1], 3, except: 1) == [3, 2, 0])
    #expect(places([.nan, 1, .nan, .infinity, .nan], 2) == [3, 1])
    #expect(places([.nan], 2) == [] && places([], 2) == [] && places([1], 0) == [] && places([1], -1) == [])
    var dice = Dice(2)
    for _ in 0..<200 {
      let row = (0..<Int.random(in: 0...60, using: &dice)).map { _ in Float(Int.random(in: -9...9, using: &dice)) }
      let count = Int.random(in: 1...20, using: &dice)
      let sorted = row.indices.sorted { (-row[$0], $0) < (-row[$1], $1) }
      #expect(places(row, count) == Array(sorted.prefix(count)))
    }
  }

  /// Blocks of unlike widths, relu, and a width that fills no register.
  @Test func prunedBlocksEqualTheTrainingGraph() throws {
    var configuration = BertConfiguration(
      vocabularySize: 50, hiddenSize: 20, layerCount: 2, headCount: 5, intermediateSize: 33, maximumPositions: 30,
      dropout: 0.1)
    configuration.activation = "relu"
    configuration.initializerRange = 0.3
    configuration.blockShapes = [.init(headCount: 2, intermediateSize: 7), .init(headCount: 5, intermediateSize: 33)]
    let bert = try Bert(configuration, head: .classifier(labels: 2))
    let values: FlatBuffer<Float> = bert.initialValues(seed: 5)
    let batch = try PackedBatch([[1, 2, 3], [4], Array(5..<25)])
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let binding = ParameterBinding(bert.layout, values: values)
    let expected = try bert.logits(bert.encode(batch, with: binding, in: graph), of: batch, with: binding, in: graph)
    let logits = try InferenceModel(BertCheckpoint(bert, values: values)).logits(batch)
    #expect(relativeDifference(logits.flatMap { $0 }, expected.values) <= Self.tolerance)
  }

  @Test func neitherThreadsNorNeighboursChangeABit() throws {
    let (tiny, model) = try Self.model("classifier", .classifier(labels: 3))
    let logits = try model.logits(tiny.batch)
    let states = try model.hiddenStates(tiny.batch)
    for threads in 1...3 {
      let team = ThreadTeam(threads)
      #expect(try model.logits(tiny.batch, on: team) == logits)
      #expect(try model.hiddenStates(tiny.batch, on: team) == states)
      #expect(try model.meanPooled(tiny.batch, on: team) == model.meanPooled(tiny.batch))
    }
    let alone = try (0..<tiny.batch.sequenceCount).flatMap { try model.logits(tiny.batch.slice($0..<$0 + 1)) }
    #expect(alone == logits)
  }

  /// More tokens than one pass takes.
  @Test func aLongBatchIsCut() throws {
    let (tiny, model) = try Self.model("classifier", .classifier(labels: 3))
    let sequence = Array(tiny.batch.ids[9..<46])
    let long = try PackedBatch(Array(repeating: sequence, count: 60))
    let logits = try model.logits(long)
    #expect(logits.count == 60 && Set(logits).count == 1)
    #expect(try model.logits(PackedBatch()).isEmpty)
  }

  @Test func meanPooling() throws {
    let (tiny, model) = try Self.model("classifier", .classifier(labels: 3))
    let states = try tiny.floats("hidden.2")
    let expected = (0..<5).flatMap { sequence in
      let rows = Int(tiny.batch.offsets[sequence])..<Int(tiny.batch.offsets[sequence + 1])
      return (0..<24).map { column in rows.reduce(0) { $0 + states[$1 * 24 + column] } / Float(rows.count) }
    }
    #expect(relativeDifference(try model.meanPooled(tiny.batch).flatMap { $0 }, expected) <= Self.tolerance)
  }

  @Test func aFolderAnswersTexts() throws {
    try withTemporaryFolder { folder in
      try TinyFolders.write(to: folder)
      let model = try InferenceModel(folder: folder)
      #expect(model.labels == ["bad", "fair", "good"])
      let texts = try model.logits(of: ["w7 w8", "w9"], pairs: ["w10", "w11 w12 w13"])
      let tokens = try PackedBatch(
        [[2, 7, 8, 3, 10, 3], [2, 9, 3, 11, 12, 13, 3]], types: [[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1, 1]])
      #expect(try texts == model.logits(tokens))
      let endless = String(repeating: "w5 ", count: 100)
      #expect(try model.batch(of: [endless]).tokenCount == 40)
      #expect(try model.batch(of: [endless], longest: 12).tokenCount == 12)
    }
  }

  @Test func badInputIsRefused() throws {
    let (tiny, model) = try Self.model("classifier", .classifier(labels: 3))
    let (_, words) = try Self.model("maskedLM", .maskedLM)
    func refused(_ sequence: [Int32], types: [Int32]? = nil) -> String? {
      code { _ = try model.logits(PackedBatch([sequence], types: types.map { [$0] })) }
    }
    #expect(refused([1, 60]) == "inference.input")
    #expect(refused([-1]) == "inference.input")
    #expect(refused([1, 2], types: [0, 2]) == "inference.input")
    #expect(refused([Int32](repeating: 1, count: 41)) == "inference.input")
    #expect(code { _ = try words.logits(tiny.batch) } == "inference.head")
    #expect(code { _ = try model.wordLogits(tiny.batch, at: [0]) } == "inference.head")
    #expect(code { _ = try words.wordLogits(tiny.batch, at: [56]) } == "inference.input")
    #expect(code { _ = try model.likeliestTokens(tiny.batch, at: [0, 9, 46, 47, 53], count: 1) } == "inference.head")
    for rows: [Int32] in [[], [0], [0, 9, 46, 47, 56], [-1, 9, 46, 47, 53], [9, 0, 46, 47, 53]] {
      #expect(code { _ = try words.likeliestTokens(tiny.batch, at: rows, count: 1) } == "inference.input")
    }
    #expect(code { _ = try model.logits(of: ["w5"]) } == "inference.tokenizer")
    try withTemporaryFolder { folder in
      try TinyFolders.write(to: folder)
      let model = try InferenceModel(folder: folder)
      #expect(code { _ = try model.logits(of: ["w5"], pairs: []) } == "inference.input")
      #expect(code { _ = try model.logits(of: ["w5"], longest: 1) } == "tokenizer.truncation")
      try TinyFolders.tokenizer(TinyFolders.words + ["more"]).write(to: folder)
      #expect(code { _ = try InferenceModel(folder: folder) } == "model.vocabulary")
    }
  }
}

struct PackedWeightTests {
  /// Every tile height, with and without whole panels, against the sum in double.
  @Test(arguments: BertGoldenTests.instructionSets)
  func equalsTheFormula(instructionSet: String) throws {
    var dice = Dice(1)
    for (rows, inputs, outputs) in [(1, 7, 3), (5, 24, 40), (13, 33, 16), (14, 8, 33), (15, 19, 48), (29, 5, 17)] {
      let weight = (0..<outputs * inputs).map { _ in Float.random(in: -1...1, using: &dice) }
      let x = (0..<rows * inputs).map { _ in Float.random(in: -1...1, using: &dice) }
      let bias = (0..<outputs).map { _ in Float.random(in: -1...1, using: &dice) }
      let packed = PackedWeight(weight, outputs: outputs, inputs: inputs, instructionSet: instructionSet)
      let stride = outputs + 3
      var y = [Float](repeating: 9, count: rows * stride)
      packed.apply(to: x, rows: rows, bias: FlatBuffer(bias), activation: .gelu, into: &y, stride: stride)
      var expected: [Double] = []
      for row in 0..<rows {
        for output in 0..<outputs {
          var sum = Double(bias[output])
          for k in 0..<inputs { sum += Double(x[row * inputs + k]) * Double(weight[output * inputs + k]) }
          expected.append(0.5 * sum * erfc(-sum / 2.0.squareRoot()))
        }
        expected += [9, 9, 9]
      }
      #expect(relativeDifference(y, expected) < 2e-6)
      // A row alone has the same bits.
      var alone = [Float](repeating: 0, count: outputs)
      packed.apply(
        to: Array(x[(rows - 1) * inputs..<rows * inputs]), rows: 1, bias: FlatBuffer(bias), activation: .gelu,
        into: &alone)
      #expect(alone == Array(y[(rows - 1) * stride..<(rows - 1) * stride + outputs]))
    }
  }
}
