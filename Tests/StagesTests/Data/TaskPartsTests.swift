import Artifacts
import RetortTesting
import Tensors
import Testing
import Training

@testable import Stages

struct TaskPartsTests {
  private struct Row {
    var text: String
    var label: String
  }

  /// The drawing written out with dictionaries of texts: groups in the order in which they come, by the label of their first
  /// text, labels by their bytes, each with a permutation of its own; test is filled first.
  private func naive(_ rows: [Row], dev: Double, test: Double, seed: UInt64) -> [TaskParts.Part] {
    func normal(_ text: String) -> String { text.lowercased().split { $0.isWhitespace }.joined(separator: " ") }
    var parts = rows.map { _ in TaskParts.Part.train }
    var groups: [[Int]] = []
    for index in rows.indices {
      if let known = groups.firstIndex(where: { normal(rows[$0[0]].text) == normal(rows[index].text) }) {
        groups[known].append(index)
      } else {
        groups.append([index])
      }
    }
    let labels = Set(groups.map { rows[$0[0]].label }).sorted {
      Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8))
    }
    for (number, label) in labels.enumerated() {
      let own = groups.filter { rows[$0[0]].label == label }
      let total = Double(own.flatMap(\.self).count)
      var random = RandomStream(seed: seed, purpose: .shuffling, step: number)
      var order = random.permutation(own.count).map { own[$0] }
      for (part, share) in [(TaskParts.Part.test, test), (.dev, dev)] {
        var left = Int((share * total).rounded())
        while left > 0, !order.isEmpty {
          let group = order.removeFirst()
          for index in group { parts[index] = part }
          left -= group.count
        }
      }
    }
    return parts
  }

  @Test func againstTheDrawingWrittenOut() throws {
    var dice = FuzzDice(seed: 2)
    for round in 0..<60 {
      let rows = (0..<Int.random(in: 1...80, using: &dice)).map { _ in
        Row(
          text: ["a", "B ", " É", "é", "word word", "Word  WORD", "\u{3000}x", "x"][Int.random(in: 0..<8, using: &dice)]
            + " \(Int.random(in: 0..<9, using: &dice))", label: ["10", "9", "b"][Int.random(in: 0..<3, using: &dice)])
      }
      let (dev, test) = (Double(round % 4) / 8, Double(round % 3) / 5)
      var labels = LabelCollector(listed: nil)
      var summary = RowSummary(hasGroups: false)
      for row in rows {
        let number = try labels.number(of: row.label, at: Place())
        summary.append(
          TaskRow(text: row.text, target: .label(row.label), place: Place()), stratum: number, isRanked: false)
      }
      let parts = TaskParts(summary, labels: labels.values, dev: dev, test: test, seed: UInt64(round))
      #expect(parts.parts == naive(rows, dev: dev, test: test, seed: UInt64(round)))
    }
  }

  @Test func hashesOfTexts() {
    #expect(TextHash.of("A  film\n", "") == TextHash.of("a film", ""))
    #expect(TextHash.of("É É", "x") == TextHash.of(" é\u{3000}é", " X "))
    #expect(TextHash.of("a b", "") != TextHash.of("a", "b") && TextHash.of("ab", "") != TextHash.of("a b", ""))
    #expect(TextHash.exact("a") != TextHash.exact("A"))
    // FNV-1a of nothing and of "a" (its authors' vectors) under the finaliser.
    func mixed(_ hash: UInt64) -> UInt64 {
      var hash = hash
      hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
      hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
      return hash ^ hash >> 33
    }
    #expect(TextHash.exact("") == mixed(0xCBF2_9CE4_8422_2325) && TextHash.exact("a") == mixed(0xAF63_DC4C_8601_EC8C))
  }
}
