import ArgumentParser
import Models
import Retort
import Tensors

/// A step of TinyBERT's intermediate phase: the teacher's forward pass, the student's, and back.
struct BenchDistillCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "distill", abstract: "Time TinyBERT's intermediate distillation of a checkpoint.",
    discussion: """
      The student has half the teacher's blocks and width and all its heads; hidden states are compared through a \
      projection a layer, raw attention scores head by head, all over real tokens. The teacher runs inside the clock.
      """)

  @OptionGroup var options: BenchOptions
  @Option(help: "Pieces of a batch. (default: one a thread)") var shards: Int?

  func execute() async throws -> ProgramStatus {
    let sentences = try BenchSentences(options)
    let tokenizer = try TokenizerFolder.read(FilePath(options.model))
    let teacher = try BenchTrainCommand.classifier(options, dropout: nil)
    var shape = teacher.bert.configuration
    (shape.hiddenSize, shape.intermediateSize) = (shape.hiddenSize / 2, shape.hiddenSize * 2)
    shape.layerCount /= 2
    let student = try rethrowing { try Bert(shape, head: teacher.bert.head) }
    let texts = try sentences.encoded(by: tokenizer, length: options.length)
    let matching = try Matching(
      teacher: teacher.bert, values: teacher.values, student: student,
      matches: [
        Match(.embeddings, projection: .perLayer("layer")), Match(.hiddenStates, projection: .perLayer("layer")),
        Match(.attentionScores),
      ], projections: [Projection("layer")])
    let task = SequenceTask(student, texts: texts, objective: OutputObjective([]), matching: matching)
    let values = matching.initialValues(student.initialValues(seed: 7), seed: 7)
    let weights = (
      Double(teacher.bert.configuration.blockWeights), Double(student.configuration.blockWeights)
    )
    let figures = try TrainingClock(options: options, shards: shards).measure(
      task, texts: texts, values: values, bert: student, operations: 6 + 2 * weights.0 / weights.1
    ).figures
    figures.print("distillation", options.output)
    return .fine
  }
}
