import Artifacts
import Declaring
import Training

/// The work of `ImportTaskData`: it reads each file twice, once to learn the labels and to draw the parts, once to write the
/// examples. Texts are never held.
struct TaskImport<Kind: TaskKind> {
  private let format: TaskFormat<Kind>
  private let context: StageContext
  private let scheme: TagScheme
  private let isRanked: Bool

  init(_ format: TaskFormat<Kind>, _ context: StageContext) {
    self.format = format
    self.context = context
    scheme = TargetReader(format).scheme
    isRanked = format.target == .grade
  }

  /// A file of the user's with its copy.
  private struct File {
    var copy: FilePath
    var name: String
  }

  func run(
    train: SourceFile, dev: SourceFile?, test: SourceFile?, split: TaskSplit, seed: UInt64
  ) throws -> TaskSplits<Kind> {
    func load(_ file: SourceFile) throws -> File { File(copy: try context.load(file), name: file.path.string) }
    let main = try load(train)
    var labels = LabelCollector(listed: listedLabels)
    let rows = try summary(of: main, &labels)
    let names = self.names(of: labels)
    let seen = labels.values
    // What the training file has is all that the others may have.
    labels = LabelCollector(listed: names.map(\.value))
    let parts = TaskParts(
      rows, labels: format.target == .label ? seen : [], dev: dev == nil ? split.dev : 0,
      test: test == nil ? split.test : 0, seed: seed)
    let others = try [dev, test].map { try $0.map(load) }
    let summaries = try others.map { try $0.map { try summary(of: $0, &labels) } }
    warnOfLeaks(rows, parts, summaries)

    let output = PartWriter<Kind>()
    let maker = ExampleMaker(labels: names.map(\.value), isRanked: isRanked)
    for (part, name) in zip([TaskParts.Part.train, .dev, .test], ["train", "dev", "test"]) {
      try output.open(part, context.folder(name))
    }
    var index = 0
    try forEachRow(of: main) { row in
      try output.append(try maker.example(row), to: parts.parts[index])
      index += 1
    }
    guard output.isVaried else { throw monotony(output.count(.train), main) }
    for (file, part) in zip(others, [TaskParts.Part.dev, .test]) {
      guard let file else { continue }
      maker.beginFile()
      try forEachRow(of: file) { try output.append(try maker.example($0), to: part) }
    }
    for (part, name) in zip([TaskParts.Part.train, .dev, .test], ["train", "dev", "test"]) {
      context.record("\(name) examples", Double(output.count(part)))
    }
    let written = names.map(\.name)
    return TaskSplits(
      train: try output.finish(.train, labels: written), dev: try output.finish(.dev, labels: written),
      test: try output.finish(.test, labels: written))
  }

  /// What the files' labels may be; nil where the training file decides.
  private var listedLabels: [String]? {
    guard let labels = format.labels else { return nil }
    if case .tags = format.target { return scheme.labels(named: labels.map(\.name)) }
    return labels.map(\.value)
  }

  /// The labels in order, each as rows have it and as models call it.
  private func names(of labels: LabelCollector) -> [TaskLabel] {
    switch format.target {
    case .label: format.labels ?? labels.sorted.map { TaskLabel($0) }
    case .tags: (listedLabels ?? scheme.labels(ofTags: labels.values)).map { TaskLabel($0) }
    case .value, .grade: []
    }
  }

  private func forEachRow(of file: File, _ body: (TaskRow) throws -> Void) throws {
    var reader = try TaskReader(
      LineReader(reading: file.copy, named: file.name, encoding: format.encoding), format: format)
    var count = 0
    try reader.forEach { row in
      try body(row)
      count += 1
      if count % 10_000 == 0 {
        context.report(Progress(Double(count), of: nil, unit: "examples", note: file.name))
        try context.checkCancellation()
      }
    }
  }

  private func summary(of file: File, _ labels: inout LabelCollector) throws -> RowSummary {
    var rows = RowSummary(hasGroups: format.group != nil || format.syntax.keepsDocuments)
    var reader = try TaskReader(
      LineReader(reading: file.copy, named: file.name, encoding: format.encoding), format: format)
    try reader.forEach { row in
      var stratum: Int32 = 0
      switch row.target {
      case .label(let label): stratum = try labels.number(of: label, at: row.place)
      case .tags(let tags):
        for (tag, place) in zip(tags, row.tagPlaces) { _ = try labels.number(of: tag, at: place) }
      case .value: break
      }
      rows.append(row, stratum: stratum, isRanked: isRanked)
      if rows.count % 10_000 == 0 { try context.checkCancellation() }
    }
    if reader.skipped > 0 {
      context.log("\(reader.skipped) rows of \(file.name) were left out for their number of fields")
    }
    if reader.empty > 0 { context.log("\(reader.empty) examples of \(file.name) were left out for an empty text") }
    return rows
  }

  private func monotony(_ count: Int, _ file: File) -> RetortError {
    let (what, remedy) =
      switch format.target {
      case .label: ("have the same label", "Give examples of at least two classes.")
      case .value: ("have the same value", "Give examples of different values.")
      case .grade: ("have the same grade", "Give candidates that are relevant and some that are not.")
      case .tags: ("have one and the same tag for all words", "Give examples with at least two tags.")
      }
    return RetortError(
      "data.one-class", "All \(count) training examples \(what).", remedy: remedy,
      at: Place(file: file.name, field: format.label.text))
  }

  private func warnOfLeaks(_ rows: RowSummary, _ parts: TaskParts, _ others: [RowSummary?]) {
    func hashes(_ part: TaskParts.Part) -> [UInt64] {
      let hashes = zip(rows.leakHashes, parts.parts).compactMap { $1 == part ? $0 : nil }
      return isRanked ? Array(Set(hashes)) : hashes
    }
    // A split by equal texts cannot leak.
    let isSplitByTexts = format.group == nil && !format.syntax.keepsDocuments
    guard !isSplitByTexts || others.contains(where: { $0 != nil }) else { return }
    let known = PartOverlap(train: hashes(.train))
    for ((name, part), other) in zip(zip(["dev", "test"], [TaskParts.Part.dev, .test]), others) {
      let own = other.map { isRanked ? Array(Set($0.leakHashes)) : $0.leakHashes } ?? hashes(part)
      let shared = known.count(of: own)
      if shared > 0 {
        context.log("\(shared) of \(own.count) \(isRanked ? "queries" : "texts") of \(name) are also in train")
      }
    }
  }
}

extension TaskSyntax {
  /// Whether a split keeps documents together.
  var keepsDocuments: Bool { if case .words(let syntax) = self { syntax.keepsDocuments } else { false } }
}

extension TaskColumn {
  /// What errors call it.
  var text: String {
    switch self {
    case .name(let name): name
    case .number(let number): "column \(number)"
    case .last: "last column"
    }
  }
}
