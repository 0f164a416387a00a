import Foundation
import RetortTesting
import Testing

/// What the numerics promise of whole programs: the same answers from every instruction set, and no memory that grows.
struct NumbersTests {
  /// A small trained model's folder beside a file of labelled sentences.
  private func prepared(_ name: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder(name)
    _ = try Quickstart(in: folder.url).succeed()
    let words = ["the", "film", "was", "not", "good", "but", "bad", "acting", "music", "never", "fine", "story"]
    var lines = ["sentence\tlabel"]
    for row in 0..<64 {
      let text = (0..<3 + row % 7).map { words[(row * 5 + $0 * 7) % words.count] }.joined(separator: " ")
      lines.append("\(text)\t\(row % 2)")
    }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.url.appending(path: "data.tsv"))
    return folder
  }

  private func retort(_ arguments: [String], in folder: TemporaryFolder, _ environment: [String: String] = [:]) throws
    -> BuiltProgram.Result
  {
    var program = BuiltProgram("retort", in: folder.url)
    program.environment = environment
    let result = try program.run(arguments)
    #expect(result.status == 0, "\(arguments): \(result.errors)")
    return result
  }

  private func numbers(_ field: String, in result: BuiltProgram.Result) throws -> [Double] {
    try result.lines.flatMap { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object?[field] as? [Double] ?? (object?[field] as? Double).map { [$0] } ?? []
    }
  }

  /// Which loops `doctor` says are running.
  private func kernels(_ doctor: BuiltProgram.Result) throws -> String {
    let object = try JSONSerialization.jsonObject(with: Data(doctor.output.utf8)) as? [String: Any]
    let findings = object?["findings"] as? [[String: Any]] ?? []
    return try #require(findings.first { $0["name"] as? String == "kernels" }?["value"] as? String)
  }

  @Test func instructionSetsForcedByTheEnvironmentAgree() throws {
    let folder = try prepared("isa")
    var (answers, losses): ([[Double]], [[Double]]) = ([], [])
    let all = ["portable", "avx2", "avx512"]
    let best = try kernels(retort(["doctor", "--json", "--no-measure"], in: folder))
    let runnable = try all.prefix(#require(all.firstIndex(of: best)) + 1)
    for name in runnable {
      let environment = ["RETORT_ISA": name]
      #expect(try kernels(retort(["doctor", "--json", "--no-measure"], in: folder, environment)) == name)
      let texts = ["a good film", "not a good film", "the acting was fine but the music was bad"]
      let said = try retort(["predict", "out/quickstart", "--json"] + texts, in: folder, environment)
      answers.append(try numbers("logits", in: said))
      _ = try retort(
        [
          "bench", "train", "--model", "out/quickstart", "--data", "data.tsv", "--batch", "8", "--rounds", "1",
          "--losses", "losses-\(name)", "--json",
        ], in: folder, environment)
      let written = try String(contentsOf: folder.url.appending(path: "losses-\(name)"), encoding: .utf8)
      losses.append(written.split(separator: "\n").prefix(8).compactMap { Double($0) })
    }
    #expect(answers.count == runnable.count && answers[0].count == 6)
    for (logits, steps) in zip(answers, losses).dropFirst() {
      #expect(relativeDifference(logits, answers[0]) <= 1e-5)
      #expect(steps.count == 8 && relativeDifference(steps, losses[0]) <= 1e-5)
    }
  }

  @Test func residentMemoryIsFlatOverTwoThousandSteps() throws {
    let folder = try prepared("memory")
    // 8 steps a pass: 250 passes after the one that warms up.
    let result = try retort(
      [
        "bench", "train", "--model", "out/quickstart", "--data", "data.tsv", "--batch", "8", "--rounds", "250",
        "--json",
      ], in: folder)
    let (first, last) = (try numbers("first_rss_bytes", in: result), try numbers("last_rss_bytes", in: result))
    try #require(first.count == 1 && last.count == 1)
    #expect(last[0] <= first[0] * 1.02 + 1_000_000, "\(first[0]) … \(last[0]) bytes")
  }
}
