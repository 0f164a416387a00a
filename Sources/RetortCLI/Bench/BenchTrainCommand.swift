import ArgumentParser
import FoundationEssentials
import Models
import Retort
import Tensors

/// Fine-tuning: forward, backward, clipping, AdamW, with the checkpoint's dropout.
struct BenchTrainCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Time fine-tuning of a checkpoint.",
    discussion: "The share of the peak is 6 × the blocks' weights × real tokens a second, over threads × sgemm's rate.")

  @OptionGroup var options: BenchOptions
  @Option(help: "Dropout in place of the checkpoint's.") var dropout: Double?
  @Option(help: "Pieces of a batch. (default: one a thread)") var shards: Int?
  @Option(help: "A file to which the loss of each step is written, a line each.") var losses: String?

  func execute() async throws -> ProgramStatus {
    let sentences = try BenchSentences(options)
    let tokenizer = try TokenizerFolder.read(FilePath(options.model))
    let checkpoint = try Self.classifier(options, dropout: dropout)
    let texts = try sentences.encoded(by: tokenizer, length: options.length)
    let task = SequenceTask(
      checkpoint.bert, texts: texts, labels: sentences.labels.map { $0 == 0 ? 0 : 1 }, objective: .classification)
    let clock = TrainingClock(options: options, shards: shards)
    let (figures, steps) = try clock.measure(
      task, texts: texts, values: checkpoint.values, bert: checkpoint.bert, operations: 6)
    if let losses {
      try Files.replace(FilePath(losses), with: Array(steps.map { "\($0)\n" }.joined().utf8), isDurable: false)
    }
    figures.print("fine-tuning", options.output)
    return .fine
  }

  static func classifier(_ options: BenchOptions, dropout: Double?) throws -> BertCheckpoint {
    var checkpoint = try BertCheckpoint(folder: FilePath(options.model), head: .classifier(labels: 2), seed: 7)
    guard let dropout else { return checkpoint }
    guard dropout >= 0, dropout < 1 else {
      throw RetortError(
        "bench.option", "A dropout of \(dropout) is not at least 0 and below 1.", remedy: "Give 0 … 0.9.")
    }
    var configuration = checkpoint.bert.configuration
    (configuration.hiddenDropout, configuration.attentionDropout) = (dropout, dropout)
    checkpoint.bert = try Bert(configuration, head: checkpoint.bert.head)
    return checkpoint
  }
}

/// Times passes of training over all sentences.
struct TrainingClock {
  var options: BenchOptions
  var shards: Int?

  func measure<Task: TrainingTask>(
    _ task: Task, texts: EncodedTexts, values: FlatBuffer<Float>, bert: Bert, operations: Double
  ) throws -> (figures: BenchFigures, losses: [Double]) {
    let peak = try BLAS.shared().measure()
    let ordered = OrderedTask(base: task, batches: texts.batches(of: options.batch, order: options.order))
    let trainer = try Trainer(
      ordered, values: values,
      options: TrainingOptions(
        epochs: options.rounds + 1, batchSize: options.batch, shards: shards ?? options.threads,
        optimiser: AdamW(learningRate: 5e-5)), seed: 7, team: ThreadTeam(options.threads))
    let perPass = ordered.batches.count
    PeakMemory.reset()
    let clock = ContinuousClock()
    var (marks, losses, resident) = ([clock.now], [Double](), [Int]())
    try trainer.run(afterStep: { progress in
      marks.append(clock.now)
      losses.append(trainer.lastLoss ?? .nan)
      if progress.step % perPass == 0 { resident.append(PeakMemory.resident) }
    })
    let steps: [Double] = marks.indices.dropFirst().map { (marks[$0] - marks[$0 - 1]).seconds }
    // The first pass warms up.
    let latencies = Array(steps.dropFirst(perPass))
    let passes = stride(from: 0, to: latencies.count, by: perPass).map { start in
      latencies[start..<min(start + perPass, latencies.count)].reduce(0, +)
    }
    var figures = BenchFigures(
      passes: passes, latencies: latencies.sorted(), sentences: texts.count, tokens: texts.tokenCount,
      operationsPerToken: operations * Double(bert.configuration.blockWeights), peak: peak, threads: options.threads,
      peakMemory: PeakMemory.bytes)
    if let first = resident.first, let last = resident.last { figures.residentMemory = (first, last) }
    return (figures, losses)
  }
}

/// A task whose batches are given.
private struct OrderedTask<Base: TrainingTask>: TrainingTask {
  var base: Base
  var batches: [[Int]]

  var layout: ParameterLayout { base.layout }
  var exampleCount: Int { base.exampleCount }
  var lookupTable: String? { base.lookupTable }
  func lookedUpRows(of shard: Base.Shard) -> [Int32] { base.lookedUpRows(of: shard) }

  func shards(of batch: Batch, count: Int) throws -> [Base.Shard] {
    var batch = batch
    batch.examples = batches[batch.step % batches.count]
    return try base.shards(of: batch, count: count)
  }

  func addLosses(of shard: Base.Shard, with model: ParameterBinding<Float>, in graph: Graph<Float>) throws {
    try base.addLosses(of: shard, with: model, in: graph)
  }
}
