import Declaring
import Models
import Tensors
import Training

/// A distillation within a stage: its phases one after another, each with what it needs of the teacher.
struct PhasedTraining {
  var phases: [DistillationPhase]
  var teacher: StoredModel
  var student: StoredModel
  var texts: EncodedTexts
  /// What `texts` should be answered with; nil for texts alone.
  var examples: TaskExamples?
  /// The examples that choose among epochs; nil to keep the last.
  var held: TaskExamples?
  /// By what they choose.
  var metric = TaskMetric.accuracy

  /// Trains the student and returns its parameters, without the projections.
  func run(_ context: StageContext, seed: UInt64, team: ThreadTeam) throws -> FlatBuffer<Float> {
    let contexts = phases.indices.map { context.phase("phase-\($0)") }
    // The stage's snapshot is of one phase; those before it are over.
    let first = try contexts.indices.last { try contexts[$0].restore() != nil } ?? 0
    var values = student.values
    // The teacher is frozen, so its answers are the same in all phases.
    let needsAnswers = phases.dropFirst(first).contains { $0.needsOutputs }
    let answers =
      needsAnswers ? try TextOutputs(teacher.bert, team: team).logits(of: texts, values: teacher.values) : []
    let score = held?.score(by: try TextOutputs(student.bert, team: team), metric: metric)
    let sentences = phases.map { $0.training.epochs * texts.count }
    for index in phases.indices.dropFirst(first) {
      let phase = phases[index]
      let seed = Self.seed(seed, phase: index)
      let matching =
        phase.needsStates
        ? try Matching(
          teacher: teacher.bert, values: teacher.values, student: student.bert, matches: phase.matches,
          projections: phase.projections) : nil
      let task = SequenceTask(
        student.bert, texts: texts, labels: examples?.labels ?? [], values: examples?.values ?? [],
        teacher: phase.needsOutputs ? answers : [], objective: phase.objective, matching: matching)
      let trained = try train(
        task, values: matching?.initialValues(values, seed: seed) ?? values, options: phase.training, seed: seed,
        context: contexts[index], team: team,
        phase: PhasePlace(
          name: phases.count > 1 ? phase.name : nil, sentencesBefore: sentences.prefix(index).reduce(0, +),
          sentences: sentences.reduce(0, +)), metric: metric, selecting: phase.keepsBest ? score : nil)
      values = trained.prefix(student.bert.layout.count)
    }
    return values
  }

  /// Phases draw from streams of their own; the first from the stage's.
  static func seed(_ seed: UInt64, phase: Int) -> UInt64 { seed ^ (UInt64(phase) &* 0x9E37_79B9_7F4A_7C15) }
}
