import Artifacts
import Declaring
import Tensors
import Training

extension ImportBEIR {
  public func run(_ context: StageContext) async throws -> TaskSplits<Ranking> {
    func lines(_ file: SourceFile) throws -> LineReader {
      try LineReader(reading: context.load(file), named: file.path.string)
    }
    let texts = try BEIRQueries(lines(queries)).texts
    let passages = try BEIRCorpus(
      reading: context.load(corpus), named: corpus.path.string, bm25, checking: context.checkCancellation)
    func judgements(_ file: SourceFile?) throws -> BEIRJudgements? {
      try file.map { file in
        try BEIRJudgements(lines(file), passages: passages.numbers) { texts[$0] != nil }
      }
    }
    let given = (train: try judgements(train), dev: try judgements(dev), test: try judgements(test))
    let drawn = parts(of: given.train, texts, seed: context.seed(seed))
    warnOfLeaks(drawn, given.dev, given.test, texts, context)
    let writer = CandidateWriter(
      passages: passages, texts: texts, candidates: candidates, negatives: negatives, seed: context.seed(seed),
      context: context)
    return TaskSplits(
      train: try writer.trainingPart(drawn[.train] ?? [], given.train),
      dev: try writer.retrievedPart(given.dev?.queries ?? drawn[.dev] ?? [], given.dev ?? given.train, "dev"),
      test: try writer.retrievedPart(given.test?.queries ?? drawn[.test] ?? [], given.test ?? given.train, "test"))
  }

  /// The training queries of each part.
  private func parts(
    of judgements: BEIRJudgements?, _ texts: [String: String], seed: UInt64
  ) -> [TaskParts.Part: [String]] {
    guard let judgements else { return [:] }
    var rows = RowSummary(hasGroups: false)
    for query in judgements.queries {
      rows.append(
        TaskRow(text: texts[query] ?? query, target: .value(0), place: Place()), stratum: 0, isRanked: true)
    }
    let parts = TaskParts(
      rows, labels: [], dev: dev == nil ? split.dev : 0, test: test == nil ? split.test : 0, seed: seed)
    return Dictionary(grouping: judgements.queries.indices) { parts.parts[$0] }
      .mapValues { $0.map { judgements.queries[$0] } }
  }

  private func warnOfLeaks(
    _ drawn: [TaskParts.Part: [String]], _ dev: BEIRJudgements?, _ test: BEIRJudgements?, _ texts: [String: String],
    _ context: StageContext
  ) {
    let known = Set((drawn[.train] ?? []).map { TextHash.of(texts[$0] ?? "", "") })
    for (name, part) in [("dev", dev), ("test", test)] {
      guard let part else { continue }
      let shared = part.queries.count { known.contains(TextHash.of(texts[$0] ?? "", "")) }
      if shared > 0 { context.log("\(shared) of \(part.queries.count) queries of \(name) are also in train") }
    }
  }
}

/// Writes the examples of a part: a query with each of its candidates.
private struct CandidateWriter {
  let passages: BEIRCorpus
  let texts: [String: String]
  let candidates: Int
  let negatives: Int
  let seed: UInt64
  let context: StageContext

  /// All judged passages of each query, then drawn candidates that nobody has judged, as not relevant.
  func trainingPart(_ queries: [String], _ judgements: BEIRJudgements?) throws -> TaskData<Ranking> {
    let writer = try TaskWriter<Ranking>(to: context.folder("train"))
    for (number, query) in queries.enumerated() {
      let judged = judgements?.judged[query] ?? []
      for judgement in judged { try append(query, judgement.passage, judgement.grade, to: writer) }
      let known = Set(judged.map(\.passage))
      let unjudged = passages.index.best(candidates, for: texts[query] ?? "").map(\.passage)
        .filter { !known.contains($0) }
      var random = RandomStream(seed: seed, purpose: .generation, step: number)
      let wanted = negatives * judged.count { $0.grade > 0 }
      for place in random.permutation(unjudged.count).prefix(wanted).sorted() {
        try append(query, unjudged[place], 0, to: writer)
      }
      try report(number, of: queries.count, "train")
    }
    context.record("train queries", Double(queries.count))
    return try writer.finish(labels: [])
  }

  /// The candidates that BM25 finds, graded by the judgements; relevant passages that it misses go to the schema.
  func retrievedPart(
    _ queries: [String], _ judgements: BEIRJudgements?, _ name: String
  ) throws -> TaskData<Ranking> {
    let writer = try TaskWriter<Ranking>(to: context.folder(name))
    var missed: [String: [Double]] = [:]
    var (found, relevant) = (0, 0)
    for (number, query) in queries.enumerated() {
      var grades = Dictionary((judgements?.judged[query] ?? []).map { ($0.passage, $0.grade) }) { first, _ in first }
      relevant += grades.values.count { $0 > 0 }
      for hit in passages.index.best(candidates, for: texts[query] ?? "") {
        let grade = grades.removeValue(forKey: hit.passage) ?? 0
        if grade > 0 { found += 1 }
        try append(query, hit.passage, grade, to: writer)
      }
      let rest = grades.values.filter { $0 > 0 }.sorted(by: >)
      if !rest.isEmpty { missed[query] = rest }
      try report(number, of: queries.count, name)
    }
    context.record("\(name) queries", Double(queries.count))
    if relevant > 0 { context.record("\(name) recall of candidates", Double(found) / Double(relevant)) }
    return try writer.finish(labels: [], unretrieved: missed.isEmpty ? nil : missed)
  }

  private func append(_ query: String, _ passage: Int, _ grade: Double, to writer: TaskWriter<Ranking>) throws {
    var example = LabelledExample(
      texts[query] ?? "", pair: try passages.text(passage), target: .value(grade))
    example.group = query
    try writer.append(example)
  }

  private func report(_ done: Int, of total: Int, _ part: String) throws {
    context.report(Progress(Double(done + 1), of: Double(total), unit: "queries", note: part))
    try context.checkCancellation()
  }
}
