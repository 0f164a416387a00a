import Artifacts
import Synchronization
import Tensors

/// What calibration has seen of each layer's inputs. Any number of threads may add; their order does not matter.
final class RangeCollector: Sendable {
  private let observer: RangeObserver
  private let state = Mutex(State())

  private struct State {
    var sites: [String: ObservedRange] = [:]
    var failure: RetortError?
    var countsBins = false
  }

  init(_ observer: RangeObserver) { self.observer = observer }

  /// Adds inputs of a layer.
  func add(_ values: UnsafeBufferPointer<Float>, to layer: String) {
    guard !values.isEmpty else { return }
    var (low, high) = (Float.infinity, -Float.infinity)
    var isFinite = true
    for value in values {
      low = min(low, value)
      high = max(high, value)
      isFinite = isFinite && value.isFinite
    }
    state.withLock { state in
      guard isFinite else {
        state.failure =
          state.failure
          ?? refusal(
            "quantize.notFinite", "An input of the layer “\(layer)” is NaN or infinite on the calibration data.",
            field: layer, remedy: "The training that wrote the model diverged; train again.")
        return
      }
      if state.countsBins {
        state.sites[layer]?.histogram?.add(values)
      } else {
        let old = state.sites[layer, default: ObservedRange()].batch ?? (low, high)
        state.sites[layer, default: ObservedRange()].batch = (min(old.low, low), max(old.high, high))
      }
    }
  }

  /// Ends a batch: what was added since the last one counts as one observation.
  ///
  /// - Throws: `quantize.notFinite` naming a layer.
  func endBatch() throws {
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      for layer in state.sites.keys {
        guard let batch = state.sites[layer]?.batch else { continue }
        state.sites[layer]?.batch = nil
        state.sites[layer]?.take(batch, by: observer)
      }
    }
  }

  /// Goes over to counting, in the ranges that were found.
  func beginHistograms(bins: Int) {
    state.withLock { state in
      state.countsBins = true
      for (layer, site) in state.sites {
        state.sites[layer]?.histogram = ValueHistogram(low: site.low, high: site.high, bins: bins)
      }
    }
  }

  /// The ranges, by layer.
  ///
  /// - Parameter points: integers of the grid, for the observer that minimises its error.
  func ranges(points: Int) throws -> [String: ValueRange] {
    try state.withLock { state in
      try state.sites.mapValues { site in
        switch observer {
        case .minMax, .movingAverage: return try ValueRange(site.low, site.high)
        case .histogram:
          let ends = site.histogram.map { RangeSearch($0, points: points).range() }
          return try ValueRange(Float(ends?.low ?? 0), Float(ends?.high ?? 0))
        case .percentile(let percent, _):
          let ends = site.histogram?.percentile(percent)
          return try ValueRange(Float(ends?.low ?? 0), Float(ends?.high ?? 0))
        }
      }
    }
  }
}

/// What was seen of one layer's inputs.
private struct ObservedRange {
  var low = Float.infinity
  var high = -Float.infinity
  /// Of the batch that is running.
  var batch: (low: Float, high: Float)?
  private var isSeen = false
  var histogram: ValueHistogram?

  /// Takes a batch as one observation.
  mutating func take(_ batch: (low: Float, high: Float), by observer: RangeObserver) {
    defer { isSeen = true }
    guard isSeen, case .movingAverage(let constant) = observer else {
      low = min(low, batch.low)
      high = max(high, batch.high)
      return
    }
    low += Float(constant) * (batch.low - low)
    high += Float(constant) * (batch.high - high)
  }
}

/// A layer whose inputs are looked at.
struct ObservedLayer: LinearLayer {
  let base: any LinearLayer
  let name: String
  let collector: RangeCollector

  var inputs: Int { base.inputs }
  var outputs: Int { base.outputs }

  func prepare(_ x: UnsafePointer<Float>, rows: Int, in workspace: Workspace) -> PreparedRows {
    collector.add(UnsafeBufferPointer(start: x, count: rows * inputs), to: name)
    return base.prepare(x, rows: rows, in: workspace)
  }

  func run(
    _ x: PreparedRows, _ activation: Activation, into y: UnsafeMutablePointer<Float>, stride: Int, columns: Range<Int>
  ) {
    base.run(x, activation, into: y, stride: stride, columns: columns)
  }
}

/// A dense model whose layers' inputs are looked at.
struct ObservedSource: InferenceSource {
  let base: DenseSource
  let collector: RangeCollector

  var configuration: BertConfiguration { base.configuration }
  var head: BertHead { base.head }

  func linear(_ names: [String]) throws -> any LinearLayer {
    ObservedLayer(base: try base.linear(names), name: names.first ?? "", collector: collector)
  }

  func decoder(bias: String) throws -> any LinearLayer {
    ObservedLayer(base: try base.decoder(bias: bias), name: BertNames.decoder, collector: collector)
  }

  func embeddings(_ roles: [EmbeddingRole]) throws -> any EmbeddingTables { try base.embeddings(roles) }
  func vector(_ name: String) throws -> FlatBuffer<Float> { try base.vector(name) }
}

extension RangeObserver {
  /// The range of some numbers, which come in batches.
  ///
  /// - Parameter bits: of the grid, for the observer that minimises its error.
  /// - Throws: `quantize.observer`, `quantize.notFinite`; `quantize.calibration` where there are no numbers.
  public func range(of batches: [[Float]], bits: Int = 8) throws -> ValueRange {
    let collector = RangeCollector(try checked)
    func see() throws {
      for batch in batches {
        batch.withUnsafeBufferPointer { collector.add($0, to: "") }
        try collector.endBatch()
      }
    }
    try see()
    if let bins {
      collector.beginHistograms(bins: bins)
      try see()
    }
    guard let range = try collector.ranges(points: 1 << max(1, min(8, bits)))[""] else {
      throw refusal("quantize.calibration", "There are no numbers to find a range of.")
    }
    return range
  }

  /// Itself, where its values can be used.
  var checked: RangeObserver {
    get throws {
      guard let fault = faults.first else { return self }
      throw refusal("quantize.observer", fault.message, field: "observer.\(fault.field)", remedy: "Change this option.")
    }
  }
}
