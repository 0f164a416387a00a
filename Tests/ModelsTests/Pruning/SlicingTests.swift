import Artifacts
import Models
import RetortTesting
import Tensors
import Testing

/// Models with units taken out against the same models with those units' weights at 0.
struct SlicingTests {
  private static let tolerance = 1e-5
  /// Uneven on purpose: a single head, a single neuron, a block that keeps everything.
  private static let kept = KeptUnits([
    .init(heads: [0, 2], neurons: [1, 3, 4, 39]), .init(heads: [1], neurons: [17]),
  ])

  private func tapeLogits(_ bert: Bert, _ values: FlatBuffer<Float>, _ batch: PackedBatch) throws -> [Float] {
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let binding = ParameterBinding(bert.layout, values: values)
    let states = try bert.encode(batch, with: binding, in: graph)
    return try bert.logits(states, of: batch, with: binding, in: graph).values
  }

  private func masked(_ tiny: TinyBert, _ kept: KeptUnits) throws -> FlatBuffer<Float> {
    let values = tiny.values.copy()
    try tiny.bert.mask(values, to: kept)
    return values
  }

  @Test func slicedEqualsMaskedEverywhere() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let expected = try tapeLogits(tiny.bert, masked(tiny, Self.kept), tiny.batch)
    let (bert, values) = try tiny.bert.slicing(tiny.values, to: Self.kept)
    #expect(
      bert.configuration.blockShapes == [
        .init(headCount: 2, intermediateSize: 4), .init(headCount: 1, intermediateSize: 1),
      ])
    #expect(bert.configuration.headSize == tiny.bert.configuration.headSize)
    #expect(relativeDifference(try tapeLogits(bert, values, tiny.batch), expected) <= Self.tolerance)
    // The unpruned model answers otherwise, or the test would show nothing.
    #expect(relativeDifference(try tiny.floats("logits"), expected) > 0.01)

    let model = try InferenceModel(BertCheckpoint(bert, values: values))
    #expect(relativeDifference(try model.logits(tiny.batch).flatMap { $0 }, expected) <= Self.tolerance)
    #expect(model.parameterCount == bert.layout.parameterCount)

    try withTemporaryFolder { folder in
      try BertCheckpoint(bert, values: values).write(to: folder)
      try TinyFolders.tokenizer().write(to: folder)
      #expect(try FolderConfiguration(folder: folder).configuration.blockShapes == bert.configuration.blockShapes)
      let again = try BertCheckpoint(folder: folder)
      #expect(again.values[0..<again.values.count] == values[0..<values.count])
      #expect(relativeDifference(try tapeLogits(again.bert, again.values, tiny.batch), expected) <= Self.tolerance)
      let read = try InferenceModel(folder: folder)
      #expect(try read.logits(tiny.batch) == model.logits(tiny.batch))
    }
  }

  /// What was cut out comes back as zeros: the same answers from a model that other tools read.
  @Test func equalBlocksAnswerTheSame() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let (bert, values) = try tiny.bert.slicing(tiny.values, to: Self.kept)
    let (wide, padded) = try bert.equalizingBlocks(of: values)
    #expect(wide.configuration.blockShapes == nil)
    #expect(wide.configuration.headCount == tiny.bert.configuration.headCount)
    #expect(wide.configuration.intermediateSize == 4)
    let (sliced, equal) = (
      try tapeLogits(bert, values, tiny.batch), try tapeLogits(wide, padded, tiny.batch)
    )
    #expect(relativeDifference(equal, sliced) <= 1e-6)
    // Cutting the zeros out again gives the same model, to the bit.
    let kept = KeptUnits([
      .init(heads: [0, 1], neurons: [0, 1, 2, 3]), .init(heads: [0], neurons: [0]),
    ])
    let (again, small) = try wide.slicing(padded, to: kept)
    #expect(again.layout == bert.layout)
    #expect(small[0..<small.count] == values[0..<values.count])
  }

  @Test func otherHeads() throws {
    let lm = try TinyBert("maskedLM", head: .maskedLM)
    let rows = try lm.integers("rows")
    let wanted = try InferenceModel(BertCheckpoint(lm.bert, values: masked(lm, Self.kept)))
    let (bert, values) = try lm.bert.slicing(lm.values, to: Self.kept)
    let small = try InferenceModel(BertCheckpoint(bert, values: values))
    #expect(
      relativeDifference(
        try small.wordLogits(lm.batch, at: rows).flatMap { $0 },
        try wanted.wordLogits(lm.batch, at: rows).flatMap { $0 })
        <= Self.tolerance)
  }

  /// Integers of a sliced model are those of the whole model's kept rows, where rows stay whole.
  @Test func quantized() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let (bert, values) = try tiny.bert.slicing(tiny.values, to: Self.kept)
    let quantized = try QuantizedCheckpoint(quantizing: BertCheckpoint(bert, values: values))
    let whole = try QuantizedCheckpoint(quantizing: BertCheckpoint(tiny.bert, values: tiny.values))
    let name = "bert.encoder.layer.0.intermediate.dense.weight"
    let (part, all) = (try #require(quantized.matrices[name]), try #require(whole.matrices[name]))
    for (row, neuron) in [1, 3, 4, 39].enumerated() {
      #expect(part.scales[row] == all.scales[neuron])
      #expect(part.values[row * 24..<(row + 1) * 24] == all.values[neuron * 24..<(neuron + 1) * 24])
    }
    try withTemporaryFolder { folder in
      try quantized.write(to: folder)
      try TinyFolders.tokenizer().write(to: folder)
      let read = try InferenceModel(folder: folder)
      #expect(read.precision == "int8" && read.configuration.blockShapes == bert.configuration.blockShapes)
      let dense = try InferenceModel(BertCheckpoint(bert, values: values))
      // Eight bits: near the dense model, not at it.
      #expect(
        relativeDifference(try read.logits(tiny.batch).flatMap { $0 }, try dense.logits(tiny.batch).flatMap { $0 })
          < 0.2)
      #expect(try read.logits(tiny.batch) == InferenceModel(quantized).logits(tiny.batch))
    }
  }

  @Test func everythingKeptChangesNothing() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let (bert, values) = try tiny.bert.slicing(tiny.values, to: KeptUnits(all: tiny.bert.configuration))
    #expect(bert == tiny.bert)
    #expect(values[0..<values.count] == tiny.values[0..<tiny.values.count])
  }

  /// Neurons alone, equally many in each block: the folder is one that other tools read.
  @Test func evenNeuronsStayAPlainBERT() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let kept = KeptUnits([.init(heads: [0, 1, 2], neurons: [0, 9]), .init(heads: [0, 1, 2], neurons: [5, 7])])
    let (bert, values) = try tiny.bert.slicing(tiny.values, to: kept)
    #expect(bert.configuration.blockShapes == nil && bert.configuration.intermediateSize == 2)
    #expect(
      relativeDifference(
        try tapeLogits(bert, values, tiny.batch), try tapeLogits(tiny.bert, masked(tiny, kept), tiny.batch))
        <= Self.tolerance)
  }

  @Test func cuttingTwiceEqualsCuttingOnce() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let first = KeptUnits([
      .init(heads: [0, 2], neurons: Array(0..<20)), .init(heads: [0, 1, 2], neurons: Array(10..<20)),
    ])
    let second = KeptUnits([.init(heads: [1], neurons: [3, 19]), .init(heads: [1], neurons: [7])])
    let both = KeptUnits([.init(heads: [2], neurons: [3, 19]), .init(heads: [1], neurons: [17])])
    let half = try tiny.bert.slicing(tiny.values, to: first)
    let quarter = try half.bert.slicing(half.values, to: second)
    let once = try tiny.bert.slicing(tiny.values, to: both)
    #expect(quarter.bert == once.bert)
    #expect(quarter.values[0..<quarter.values.count] == once.values[0..<once.values.count])
  }

  /// A head that its output's weights do not read.
  @Test func aHeadWithoutOutputWeightsIsNotMissed() throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let entry = try tiny.bert.layout.entry("bert.encoder.layer.1.attention.output.dense.weight")
    for row in 0..<24 { for column in 8..<16 { tiny.values.pointer[entry.offset + row * 24 + column] = 0 } }
    let kept = KeptUnits([
      .init(heads: [0, 1, 2], neurons: Array(0..<40)), .init(heads: [0, 2], neurons: Array(0..<40)),
    ])
    let before = try tapeLogits(tiny.bert, tiny.values, tiny.batch)
    #expect(try tapeLogits(tiny.bert, masked(tiny, kept), tiny.batch) == before)
    let (bert, values) = try tiny.bert.slicing(tiny.values, to: kept)
    #expect(relativeDifference(try tapeLogits(bert, values, tiny.batch), before) <= Self.tolerance)
  }

  @Test(arguments: [
    KeptUnits([.init(heads: [0], neurons: [0])]),
    KeptUnits([.init(heads: [], neurons: [0]), .init(heads: [0], neurons: [0])]),
    KeptUnits([.init(heads: [0], neurons: []), .init(heads: [0], neurons: [0])]),
    KeptUnits([.init(heads: [0, 3], neurons: [0]), .init(heads: [0], neurons: [0])]),
    KeptUnits([.init(heads: [1, 0], neurons: [0]), .init(heads: [0], neurons: [0])]),
    KeptUnits([.init(heads: [0], neurons: [-1, 0]), .init(heads: [0], neurons: [0, 0])]),
  ])
  func impossibleCutsAreRefused(kept: KeptUnits) throws {
    let tiny = try TinyBert("classifier", head: .classifier(labels: 3))
    let before = tiny.values.copy()
    #expect(code { _ = try tiny.bert.slicing(tiny.values, to: kept) } == "prune.units")
    #expect(code { try tiny.bert.mask(tiny.values, to: kept) } == "prune.units")
    #expect(tiny.values[0..<before.count] == before[0..<before.count])
  }

  /// Files may say anything of a block's width.
  @Test func hugeBlocksAreFaults() throws {
    var configuration = TinyBert.configuration
    configuration.blockShapes = [
      .init(headCount: Int.max, intermediateSize: 1), .init(headCount: 1, intermediateSize: Int.max),
    ]
    #expect(configuration.faults.count == 2)
    #expect(throws: TensorError.self) { try Bert(configuration, head: .encoder) }
  }

  /// L = ½ Σ (w x)² has the gradient w x², so that value · gradient is (w x)²: summed by hand here.
  @Test func productsOfAQuadraticLoss() throws {
    let bert = try Bert(TinyBert.configuration, head: .encoder)
    let values = bert.initialValues(seed: 3, as: Float.self)
    let gradients = FlatBuffer<Float>(count: values.count)
    let inputs = (0..<values.count).map { Float($0 % 7) - 3 }
    for index in 0..<values.count { gradients.pointer[index] = values.pointer[index] * inputs[index] * inputs[index] }
    func squares(_ name: String, _ belongs: (_ row: Int, _ column: Int) -> Bool) throws -> Double {
      let entry = try bert.layout.entry(name)
      let columns = entry.shape.count > 1 ? entry.shape[1] : 1
      return (0..<entry.count).reduce(0) { sum, place in
        guard belongs(place / columns, place % columns) else { return sum }
        let product = Double(values.pointer[entry.offset + place]) * Double(inputs[entry.offset + place])
        return sum + product * product
      }
    }
    let block = "bert.encoder.layer.1"
    let heads = try bert.unitProducts(.attentionOutput, block: 1, values: values, gradients: gradients)
    let expected = try (0..<3).map { head in
      try squares("\(block).attention.output.dense.weight") { $1 / 8 == head }
    }
    #expect(relativeDifference(heads, expected) <= 1e-6)
    let wide = try bert.unitProducts(.intermediateWeight, block: 1, values: values, gradients: gradients)
    let narrow = try bert.unitProducts(.output, block: 1, values: values, gradients: gradients)
    let bias = try bert.unitProducts(.intermediateBias, block: 1, values: values, gradients: gradients)
    #expect(wide.count == 40 && narrow.count == 40 && bias == [Double](repeating: 0, count: 40))
    for neuron in [0, 11, 39] {
      let (row, column) = (
        try squares("\(block).intermediate.dense.weight") { row, _ in row == neuron },
        try squares("\(block).output.dense.weight") { $1 == neuron }
      )
      #expect(abs(wide[neuron] - row) <= 1e-6 * max(1, row) && abs(narrow[neuron] - column) <= 1e-6 * max(1, column))
    }
    #expect(throws: TensorError.self) {
      try bert.unitProducts(.output, block: 2, values: values, gradients: gradients)
    }
  }
}
