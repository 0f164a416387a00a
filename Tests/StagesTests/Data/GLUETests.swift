import Artifacts
import Foundation
import RetortTesting
import Testing
import Training

@testable import Stages

/// The files of GLUE's tasks in the form of its archives, a few rows each.
struct GLUETests {
  private func imported<Kind: TaskKind>(
    _ task: GLUE<Kind>, _ train: String, _ development: String, named name: String = "dev.tsv"
  ) async throws -> (labels: [String], test: LabelledExample, train: [LabelledExample]) {
    let scratch = try Scratch()
    _ = try scratch.file("train.tsv", train)
    _ = try scratch.file(name, development)
    let services = FakeServices()
    let result = try await services.result(of: ImportTaskData(.glue(task), at: scratch.folder.path))
    return (
      try result.train.schema().labels, try #require(try result.test.examples().first), try result.train.examples()
    )
  }

  @Test func singleSentences() async throws {
    let cola = try await imported(
      .cola, "gj04\t1\t\tOur \"friends\" won.\ngj04\t0\t*\tThem won.\n", "gj04\t0\t*\tIt are.\n")
    #expect(cola.labels == ["unacceptable", "acceptable"])
    #expect(cola.train[0] == LabelledExample("Our \"friends\" won.", target: .label(1)))
    #expect(cola.test == LabelledExample("It are.", target: .label(0)))
    let sst2 = try await imported(.sst2, "sentence\tlabel\na \t1\nb \t0\n", "sentence\tlabel\nc \t1\n")
    #expect(sst2.test == LabelledExample("c ", target: .label(1)))
  }

  @Test func pairs() async throws {
    let header = "\u{FEFF}Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n"
    let mrpc = try await imported(
      .mrpc, header + "1\t7\t8\tHe said \"so .\tSo he said .\r\n0\t1\t2\ta\tb\r\n", header + "1\t3\t4\tc\td\r\n")
    #expect(mrpc.labels == ["not_equivalent", "equivalent"])
    #expect(mrpc.train[0] == LabelledExample("He said \"so .", pair: "So he said .", target: .label(1)))
    #expect(mrpc.test == LabelledExample("c", pair: "d", target: .label(1)))

    let questions = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"
    let qqp = try await imported(
      .qqp, questions + "0\t1\t2\ta\tb\t1\n1\t3\t4\tbroken\n2\t5\t6\tc\td\t0\n", questions + "0\t1\t2\te\tf\t0\n")
    #expect(qqp.train.map(\.target) == [.label(1), .label(0)])
    #expect(qqp.test == LabelledExample("e", pair: "f", target: .label(0)))

    let qnli = try await imported(
      .qnli, "index\tquestion\tsentence\tlabel\n0\ta\tb\tentailment\n1\tc\td\tnot_entailment\n",
      "index\tquestion\tsentence\tlabel\n0\te\tf\tnot_entailment\n")
    #expect(qnli.test == LabelledExample("e", pair: "f", target: .label(1)))
    let rte = try await imported(
      .rte, "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tentailment\n1\tc\td\tnot_entailment\n",
      "index\tsentence1\tsentence2\tlabel\n0\te\tf\tentailment\n")
    #expect(rte.test == LabelledExample("e", pair: "f", target: .label(0)))
    let wnli = try await imported(
      .wnli, "index\tsentence1\tsentence2\tlabel\n0\ta\tb\t1\n1\tc\td\t0\n",
      "index\tsentence1\tsentence2\tlabel\n0\te\tf\t1\n")
    #expect(wnli.labels == ["not_entailment", "entailment"] && wnli.test.target == .label(1))
  }

  @Test func genres() async throws {
    let parses = "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1_parse"
    let head = parses + "\tsentence2_parse\tsentence1\tsentence2\t"
    func row(_ text: String, _ labels: String) -> String { "0\t1\t2\tfiction\tx\tx\tx\tx\t\(text)\tb\t\(labels)\n" }
    let train =
      head + "label1\tgold_label\n" + row("a", "neutral\tneutral") + row("c", "entailment\tentailment")
      + row("d", "contradiction\tcontradiction")
    let development =
      head + "label1\tlabel2\tlabel3\tlabel4\tlabel5\tgold_label\n"
      + row("e", "neutral\tneutral\tentailment\tneutral\tneutral\tcontradiction")
    let matched = try await imported(.mnli, train, development, named: "dev_matched.tsv")
    #expect(matched.labels == ["entailment", "neutral", "contradiction"])
    #expect(matched.train.map(\.target) == [.label(1), .label(0), .label(2)])
    #expect(matched.test == LabelledExample("e", pair: "b", target: .label(2)))
    let mismatched = try await imported(.mnliMismatched, train, development, named: "dev_mismatched.tsv")
    #expect(mismatched.test == matched.test)
  }

  @Test func similarity() async throws {
    let head = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n"
    let stsb = try await imported(
      .stsb, head + "0\tg\tf\t2012\t1\tn\tn\ta \"b\ta c\t5.000\n1\tg\tf\t2012\t1\tn\tn\td\te\t0.25\n",
      head + "0\tg\tf\t2012\t1\tn\tn\tx\ty\t3.8\n")
    #expect(stsb.labels.isEmpty && stsb.train[0] == LabelledExample("a \"b", pair: "a c", target: .value(5)))
    #expect(stsb.test == LabelledExample("x", pair: "y", target: .value(3.8)))
  }
}
