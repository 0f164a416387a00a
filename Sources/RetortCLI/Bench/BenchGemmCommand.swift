import ArgumentParser
import Retort
import Tensors

/// The speed of matrix products on one core: what everything else is measured against.
struct BenchGemmCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemm", abstract: "Time matrix products on one core: f32 and int8.",
    discussion: """
      Square products are OpenBLAS's: the peak of which the other measurements give a share. The others are the packed \
      loops that answer, for one sentence (13 tokens) and for a batch of 32.
      """)

  @Option(help: "Repeats, of which the best counts.") var rounds = 5
  @OptionGroup var output: JSONOption

  func execute() async throws -> ProgramStatus {
    let blas = try BLAS.shared()
    let square = (0..<max(1, rounds)).map { _ in blas.measure() }.max() ?? 0
    var rows = [("OpenBLAS f32, 1,024 square", "openblas_f32", square)]
    for count in [13, 416] {
      rows.append(
        (
          "packed f32, \(count) rows", "packed_f32_\(count)", PackedWeight.measure(rows: count, repeats: rounds)
        ))
      rows.append(
        (
          "packed int8, \(count) rows", "packed_int8_\(count)", PackedInt8Weight.measure(rows: count, repeats: rounds)
        ))
    }
    if output.json {
      Streams.outputLine(
        JSONLine.object(
          [.init("bench", .string("gemm")), .init("kernels", .string(Kernels.instructionSet))]
            + rows.map { .init("\($0.1)_gflops", .number($0.2)) }
        ).line)
    } else {
      let table = Table(
        [.init("product"), .init("G operations/s", isNumber: true)], rows: rows.map { [$0.0, Figures.short($0.2)] })
      Streams.output(
        table.lines(width: Terminal.output.width, style: Terminal.output.style).joined(separator: "\n") + "\n")
    }
    return .fine
  }
}
