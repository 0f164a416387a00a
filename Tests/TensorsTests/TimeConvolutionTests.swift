import RetortTesting
import Tensors
import Testing

/// Windows over time and their maxima: hand-made examples, and what must not change them.
struct TimeConvolutionTests {
  /// One filter [1 10 100] on one column reads the digits of three tokens.
  @Test func handExample() throws {
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    // A sequence of one token, one of two, one of three, one of five, an empty one.
    let x = try graph.constant([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2], rows: 11, columns: 1)
    let weight = try graph.constant([100, 10, 1], rows: 1, columns: 3)
    let bias = try graph.constant([0.5], rows: 1, columns: 1)
    let result = try graph.timeConvolution(x, weight: weight, bias: bias, width: 3, offsets: [0, 1, 3, 6, 11, 11])
    #expect(result.offsets == [0, 1, 2, 3, 6, 7])
    #expect(result.values.values == [100.5, 230.5, 456.5, 789.5, 891.5, 912.5, 0.5])
    let maxima = try graph.maxOverTime(result.values, offsets: result.offsets)
    #expect(maxima.values == [100.5, 230.5, 456.5, 912.5, 0.5])
  }

  /// A filter's weight is [inputs, width] as in `nn.Conv1d`.
  @Test func axesOfTheFilter() throws {
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let x = try graph.constant([1, 2, 3, 4], rows: 2, columns: 2)
    // Input 0 at times 0 and 1, then input 1 at times 0 and 1.
    let weight = try graph.constant([1_000, 100, 10, 1], rows: 1, columns: 4)
    let result = try graph.timeConvolution(x, weight: weight, bias: nil, width: 2, offsets: [0, 2])
    #expect(result.values.values == [1_000 + 300 + 20 + 4])
  }

  /// What stands behind a sequence (a pad, a neighbour) reaches neither its windows nor its maxima: the same bits.
  @Test func whatFollowsDoesNotMatter() throws {
    let (width, inputs, filters) = (3, 4, 21)
    let rows = coefficients(30 * inputs, seed: 4).map { Float($0) }
    let filter = coefficients(filters * inputs * width, seed: 5).map { Float($0) }
    let graph = try Graph<Float>()
    func maxima(_ rows: ArraySlice<Float>, _ offsets: [Int32]) throws -> [Float] {
      graph.begin(recording: false)
      let x = try graph.constant(Array(rows), rows: rows.count / inputs, columns: inputs)
      let weight = try graph.constant(filter, rows: filters, columns: inputs * width)
      let result = try graph.timeConvolution(x, weight: weight, bias: nil, width: width, offsets: offsets)
      return try graph.maxOverTime(result.values, offsets: result.offsets).values
    }
    let offsets: [Int32] = [0, 2, 9, 10, 22, 30]
    let whole = try maxima(rows[...], offsets)
    for sequence in 0..<5 {
      let (start, end) = (Int(offsets[sequence]), Int(offsets[sequence + 1]))
      let alone = try maxima(rows[start * inputs..<end * inputs], [0, Int32(end - start)])
      #expect(relativeDifference(Array(whole[sequence * filters..<(sequence + 1) * filters]), alone) < 1e-6)
    }
    // Large pads as a sequence of their own change nothing.
    let padded = try maxima(rows[...] + [Float](repeating: 1e6, count: 3 * inputs), offsets + [33])
    #expect(relativeDifference(Array(padded.prefix(whole.count)), whole) < 1e-6)
  }

  /// Columns do not touch one another and sequences do not either, so any cut gives the same bits.
  @Test func maximaOfAnyCut() throws {
    let (columns, offsets) = (37, [0, 3, 4, 12] as [Int32])
    let values = coefficients(12 * columns, seed: 9).map { Float($0) }
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let whole = try graph.maxOverTime(graph.constant(values, rows: 12, columns: columns), offsets: offsets).values
    for sequence in 0..<3 {
      let (start, end) = (Int(offsets[sequence]), Int(offsets[sequence + 1]))
      let part = try graph.constant(
        Array(values[start * columns..<end * columns]), rows: end - start, columns: columns)
      let expected = (0..<columns).map { column in (start..<end).map { values[$0 * columns + column] }.max() }
      let maxima = try graph.maxOverTime(part, offsets: [0, Int32(end - start)]).values
      #expect(maxima.map(Optional.some) == expected)
      #expect(maxima == Array(whole[sequence * columns..<(sequence + 1) * columns]))
    }
  }

  /// The first of equal maxima takes the gradient; NaN is not passed over.
  @Test func tiesAndNotANumber() throws {
    let graph = try Graph<Float>()
    graph.keepsGradients = true
    graph.begin(recording: true)
    let x = try graph.variable([1, 5, 5, -2, 5, 0], rows: 6, columns: 1)
    let y = try graph.maxOverTime(x, offsets: [0, 3, 6])
    try graph.weightedSum(y, coefficients: [2, 3])
    graph.backward()
    #expect(y.values == [5, 5])
    #expect(graph.gradient(of: x) == [0, 2, 0, 0, 3, 0])
    graph.begin(recording: false)
    for place in 0..<3 {
      let values = (0..<3).map { $0 == place ? Float.nan : 1 }
      #expect(try graph.maxOverTime(graph.constant(values, rows: 3, columns: 1), offsets: [0, 3]).values[0].isNaN)
    }
  }

  @Test func refusesWhatDoesNotFit() throws {
    let graph = try Graph<Float>()
    graph.begin(recording: false)
    let x = try graph.constant([1, 2, 3, 4, 5, 6], rows: 3, columns: 2)
    let weight = try graph.constant([1, 2, 3, 4], rows: 1, columns: 4)
    let bias = try graph.constant([1, 2], rows: 1, columns: 2)
    func convolve(_ bias: Tensor<Float>?, _ width: Int, _ offsets: [Int32]) throws {
      _ = try graph.timeConvolution(x, weight: weight, bias: bias, width: width, offsets: offsets)
    }
    #expect(throws: Never.self) { try convolve(nil, 2, [0, 3]) }
    #expect(throws: TensorError.self) { try convolve(bias, 2, [0, 3]) }
    #expect(throws: TensorError.option(operation: "timeConvolution", name: "width", value: 0)) {
      try convolve(nil, 0, [0, 3])
    }
    for width in [1, 3, 4] { #expect(throws: TensorError.self) { try convolve(nil, width, [0, 3]) } }
    #expect(throws: TensorError.self) { try convolve(nil, 2, [0, 2]) }
    #expect(throws: TensorError.self) { try graph.maxOverTime(x, offsets: [0, 1, 1, 3]) }
    #expect(throws: TensorError.self) { try graph.maxOverTime(x, offsets: [0, 4]) }
    #expect(throws: TensorError.self) { try graph.maxOverTime(x, offsets: []) }
  }
}
