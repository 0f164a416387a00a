import Models
import Retort
import Tensors

/// What a measurement of a model found.
struct BenchFigures {
  /// Seconds of each timed pass over all sentences.
  var passes: [Double]
  /// Seconds of each batch, sorted.
  var latencies: [Double]
  var sentences: Int
  var tokens: Int
  /// Floating-point operations of the encoder's products a token; nil where none are counted.
  var operationsPerToken: Double?
  /// GFLOP/s of one core's sgemm, measured in this run.
  var peak: Double?
  var threads: Int
  var peakMemory: Int
  /// Memory after the first pass and after the last one, in bytes.
  var residentMemory: (first: Int, last: Int)?

  private var seconds: Double { Benchmark.quantile(passes.sorted(), 0.5) }
  var sentencesPerSecond: Double { Double(sentences) / seconds }
  var tokensPerSecond: Double { Double(tokens) / seconds }

  /// The share of the machine's peak in f32: operations a second over threads × one core's peak.
  var share: Double? {
    guard let operationsPerToken, let peak else { return nil }
    return operationsPerToken * tokensPerSecond / (Double(threads) * peak * 1e9)
  }

  func print(_ what: String, _ output: JSONOption, more: [JSONLine.Field] = []) {
    let (p50, p95) = (Benchmark.quantile(latencies, 0.5), Benchmark.quantile(latencies, 0.95))
    if output.json {
      Streams.outputLine(
        JSONLine.object(
          [
            .init("bench", .string(what)), .init("sentences_per_second", .number(sentencesPerSecond)),
            .init("tokens_per_second", .number(tokensPerSecond)), .init("mfu", share.map { .number($0) } ?? .null),
            .init("p50_seconds", .number(p50)), .init("p95_seconds", .number(p95)),
            .init("peak_rss_bytes", .integer(peakMemory)), .init("threads", .integer(threads)),
            .init("gemm_peak_gflops", peak.map { .number($0) } ?? .null),
            .init("kernels", .string(Kernels.instructionSet)),
          ]
            + (residentMemory.map {
              [.init("first_rss_bytes", .integer($0.first)), .init("last_rss_bytes", .integer($0.last))]
            } ?? []) + more
        ).line)
      return
    }
    var rows = [
      ["sentences/s", Figures.short(sentencesPerSecond)], ["tokens/s", Figures.short(tokensPerSecond)],
      ["median of a batch", Self.milliseconds(p50)], ["95 % of batches below", Self.milliseconds(p95)],
      ["peak memory", Figures.bytes(peakMemory)],
    ]
    if let residentMemory {
      rows.append(["memory after the first pass", Figures.bytes(residentMemory.first)])
      rows.append(["memory after the last pass", Figures.bytes(residentMemory.last)])
    }
    if let share, let peak {
      rows.append(["share of the peak", Figures.percent(share)])
      rows.append(["peak of one core", "\(Figures.short(peak)) GFLOP/s"])
    }
    let table = Table([.init(what), .init("", isNumber: true)], rows: rows)
    Streams.output(
      table.lines(width: Terminal.output.width, style: Terminal.output.style).joined(separator: "\n") + "\n")
  }
}

extension BenchFigures {
  /// Latencies of a model are compared in hundredths.
  private static func milliseconds(_ seconds: Double) -> String { "\(Figures.short(seconds * 1000)) ms" }
}

/// Seconds that a call takes.
func seconds(_ body: () throws -> Void) rethrows -> Double { try ContinuousClock().measure(body).seconds }
