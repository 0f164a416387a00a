import Artifacts
import Foundation
import RetortTesting
import Testing
import Training

@testable import Stages

/// The folder of public data sets, which is no part of the project; nil where RETORT_DATA is not set.
private let dataFolder = ProcessInfo.processInfo.environment["RETORT_DATA"]

/// Public data sets in the form in which they are published; counts are those of their own descriptions.
@Suite(.enabled(if: dataFolder != nil, "set RETORT_DATA to the folder of public data sets"))
struct PublicDataTests {
  private func file(_ name: String) -> SourceFile { SourceFile("\(dataFolder ?? "")/\(name)") }

  /// Reads a file as an import would, without writing: its rows, and how often each label or tag is there.
  private func read<Kind: TaskKind>(_ name: String, _ format: TaskFormat<Kind>) throws -> (rows: Int, of: [String: Int])
  {
    var reader = try TaskReader(
      LineReader(reading: FilePath(file(name).path.string), named: name, encoding: format.encoding), format: format)
    var (rows, counts) = (0, [String: Int]())
    try reader.forEach { row in
      rows += 1
      switch row.target {
      case .label(let label): counts[label, default: 0] += 1
      case .value(let value): counts["\(value)", default: 0] += 1
      case .tags(let tags): for tag in tags { counts[tag, default: 0] += 1 }
      }
    }
    #expect(reader.skipped == 0)
    return (rows, counts)
  }

  @Test func singleSentences() throws {
    #expect(try read("sst2/dev.tsv", .glue(.sst2)).rows == 872)
    let cola = try read("cola/dev.tsv", .glue(.cola))
    #expect(cola.rows == 1_043 && Set(cola.of.keys) == ["0", "1"])
    #expect(try read("cola/train.tsv", .glue(.cola)).rows == 8_551)
    let coarse = try read("trec_qc/TREC.train", .labelledLines(upTo: ":", encoding: .latin1))
    #expect(coarse.rows == 5_452 && coarse.of.count == 6)
    let fine = try read("trec_qc/TREC.train", .labelledLines(encoding: .latin1))
    #expect(fine.of.count == 50)
    #expect(try read("trec_qc/TREC.test", .labelledLines(encoding: .latin1)).rows == 500)
    // Four customer reviews of 3,775 are empty.
    for (name, rows) in [("custrev", 3_771), ("subj", 10_000), ("rt-polarity", 10_662)] {
      let set = try read("mr_subj_cr/\(name).all", .labelledLines(encoding: .latin1).skippingEmptyTexts())
      #expect(set.rows == rows && Set(set.of.keys) == ["0", "1"])
    }
    #expect(throws: RetortError.self) { _ = try read("mr_subj_cr/custrev.all", .labelledLines(encoding: .latin1)) }
    let imdb = try read("imdb/train.tsv", .tsv())
    #expect(imdb.of == ["0": 2_500, "1": 2_500])
  }

  @Test func pairs() throws {
    #expect(try read("mrpc/train.tsv", .glue(.mrpc)).rows == 3_668)
    #expect(try read("mrpc/dev.tsv", .glue(.mrpc)).rows == 408)
    #expect(try read("mrpc/msr_paraphrase_train.txt", .glue(.mrpc)).rows == 4_076)
    #expect(try read("rte/train.tsv", .glue(.rte)).rows == 2_490)
    #expect(Set(try read("rte/dev.tsv", .glue(.rte)).of.keys) == ["entailment", "not_entailment"])
    #expect(try read("qnli_dev/dev.tsv", .glue(.qnli)).rows == 5_463)
    #expect(try read("pawsx_en/dev-en.tsv", .tsv(text: 1, pair: 2, label: 3)).rows == 2_000)
    #expect(try read("stsb/sts-train.csv", .stsBenchmark).rows == 5_749)
    #expect(try read("stsb/sts-dev.csv", .stsBenchmark).rows == 1_500)
  }

  @Test func words() throws {
    let wnut = try read("wnut17/wnut17train.conll", .conll())
    #expect(wnut.rows == 3_394 && wnut.of.count == 13 && wnut.of["B-person"] == 660 && wnut.of["O"] == 59_570)
    #expect(try read("wnut17/emerging.dev.conll", .conll()).rows == 1_009)
    // Its description counts 145 lines that begin documents as well: 1,841 = 1,696 + 145.
    let wikigold = try read("wikigold/wikigold.conll.txt", .conll(scheme: .iob1))
    #expect(wikigold.rows == 1_696)
    #expect(["B-PER", "I-PER"].compactMap { wikigold.of[$0] }.reduce(0, +) == 1_634)
    #expect(throws: RetortError.self) { _ = try read("wikigold/wikigold.conll.txt", .conll()) }
    let ewt = try read("ud_english_ewt/en_ewt-ud-dev.conllu", .conllU())
    #expect(ewt.rows == 2_001 && ewt.of.count == 17)
  }

  @Test func candidates() throws {
    let dev = try read("wikiqa/WikiQA-dev.tsv", .wikiQA)
    #expect(dev.rows == 2_733)
    let sentences = try read("wikiqa/WikiQASent-dev.txt", .wikiQASentences)
    #expect(sentences.rows == 2_733 && sentences.of == dev.of)
    #expect(try read("wikiqa/WikiQASent-train.txt", .wikiQASentences).rows == 20_360)
  }

  /// Whole imports, with a part drawn from the training file.
  @Test func imports() async throws {
    let services = FakeServices()
    let rte = try await services.result(of: ImportTaskData(.glue(.rte), at: "\(dataFolder ?? "")/rte"))
    #expect(rte.train.facts.examples.map { abs($0 - 2_366) < 3 } == true && rte.test.facts.examples == 277)
    let wnut = try await services.result(
      of: ImportTaskData(
        file("wnut17/wnut17train.conll"), dev: file("wnut17/emerging.dev.conll"), as: .conll(),
        split: TaskSplit(dev: 0, test: 0)))
    #expect(try wnut.dev.schema().labels.count == 13 && wnut.dev.facts.examples == 1_009)
    let wikiQA = try await services.result(
      of: ImportTaskData(
        file("wikiqa/WikiQASent-dev.txt"), as: .wikiQASentences, split: TaskSplit(dev: 0.5, test: 0)))
    let queries = try [wikiQA.train, wikiQA.dev].map { Set(try $0.examples().map(\.text)) }
    #expect(queries[0].isDisjoint(with: queries[1]) && queries[0].count + queries[1].count == 296)
    #expect(abs(queries[0].count - queries[1].count) < 40)
  }

  /// Counts of lines with text, and of runs of such lines, are grep's and Python's.
  @Test func rawText() async throws {
    let services = FakeServices()
    let wiki = try await services.result(of: ImportText(file("wikitext2/valid.txt")))
    #expect(wiki.facts.examples == 2_461)
    let plays = try await services.result(
      of: ImportText(file("tinyshakespeare/input.txt"), passages: .paragraphs))
    #expect(plays.facts.examples == 7_222)
  }

  #if !DEBUG
    @Test func largeSets() async throws {
      #expect(try read("sst2/train.tsv", .glue(.sst2)).rows == 67_349)
      let ewt = try read("ud_english_ewt/en_ewt-ud-train.conllu", .conllU())
      #expect(ewt.rows == 12_544)
      let services = FakeServices()
      #expect(try await services.result(of: ImportText(file("imdb/unsup.txt"))).facts.examples == 10_000)
    }

    /// SciFact's candidates hold most of what is relevant: BEIR's own BM25 reaches a recall of 0.908 at 100.
    @Test func retrieval() async throws {
      let services = FakeServices()
      let result = try await services.result(
        of: ImportBEIR(
          at: "\(dataFolder ?? "")/scifact", train: "qrels-train.tsv", split: TaskSplit(dev: 0.3, test: 0.1)))
      let recall = try #require(services.journal.metrics["dev recall of candidates"])
      #expect(recall > 0.85)
      let groups = try [result.train, result.dev, result.test].map { Set(try $0.examples().compactMap(\.group)) }
      #expect(groups.map(\.count).reduce(0, +) == 809 && groups[0].union(groups[1]).union(groups[2]).count == 809)
    }
  #endif
}
