import Foundation
import Tensors

/// `swift run -c release --package-path Benchmarks kernels [--record] [--rounds N]`: times each hot loop on one core and
/// compares it with the recorded baseline.
@main
struct Program {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    let known: Set = ["--record", "--rounds"]
    if let unknown = arguments.first(where: { $0.hasPrefix("-") && !known.contains($0) }) {
      FileHandle.standardError.write(Data("There is no option \(unknown); there are --record and --rounds N.\n".utf8))
      exit(64)
    }
    let place = arguments.firstIndex(of: "--rounds").map { arguments.index(after: $0) }
    let rounds = place.flatMap { arguments.indices.contains($0) ? Int(arguments[$0]) : nil } ?? 7
    let isRecording = arguments.contains("--record")

    let peak = try BLAS.shared().measure()
    let baseline = Baseline.load()
    print("\(Kernels.instructionSet); one core of \(processor): \(short(peak)) GFLOP/s in OpenBLAS")
    if let baseline { print("baseline: \(baseline.processor), \(short(baseline.peak)) GFLOP/s, \(baseline.date)") }
    print(row("", "G/s", "of the baseline"))
    var rates: [String: Double] = [:]
    var slower: [String] = []
    for item in Cases.all {
      let rate = item.rate(rounds: rounds)
      rates[item.name] = rate
      // Beside the machine's own peak: neighbours and other processors take as much from both.
      let ratio = baseline.flatMap { base in base.rates[item.name].map { rate / $0 * base.peak / peak } }
      if let ratio, ratio < 0.7 { slower.append(item.name) }
      print(row(item.name, "\(short(rate / 1e9)) \(item.unit)", ratio.map { "\(short($0)) ×" } ?? "–"))
    }
    if isRecording {
      let date = Date().formatted(.iso8601.year().month().day())
      try Baseline(processor: processor, date: date, peak: peak, rates: rates).save()
      print("Recorded in \(Baseline.file.lastPathComponent).")
    } else if !slower.isEmpty {
      FileHandle.standardError.write(
        Data(
          "Slower than 0.7 × the baseline: \(slower.joined(separator: ", ")). Run it again on an idle machine.\n".utf8))
      exit(1)
    }
  }

  private static var processor: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "an unknown processor"
  }

  private static func short(_ value: Double) -> String {
    String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
  }

  private static func row(_ name: String, _ rate: String, _ ratio: String) -> String {
    func left(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.count))
    }
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(1, width - text.count)) + text
    }
    return left(name, 38) + right(rate, 16) + right(ratio, 17)
  }
}
