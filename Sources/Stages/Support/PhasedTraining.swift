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
  /// A class a text; empty without labels.
  var labels: [Int32] = []
  /// The texts and labels that choose among epochs; nil to keep the last.
  var held: EncodedTask?

  /// Trains the student and returns its parameters, without the projections.
  func run(_ context: StageContext, seed: UInt64, team: ThreadTeam) throws -> FlatBuffer<Float> {
    let snapshot = try context.restore()
    let first = min(snapshot?.phase ?? 0, phases.count - 1)
    var values = student.values
    // The teacher is frozen, so its answers are the same in all phases.
    let needsAnswers = phases.dropFirst(max(0, first)).contains { $0.needsOutputs }
    let answers =
      needsAnswers ? try TextOutputs(teacher.bert, team: team).logits(of: texts, values: teacher.values) : []
    let outputs = try TextOutputs(student.bert, team: team)
    let select = held.flatMap { held in
      held.texts.count == 0
        ? nil
        : { (values: FlatBuffer<Float>) in
          try outputs.accuracy(on: held.texts, labels: held.labels, values: values)
        }
    }
    let sentences = phases.map { $0.training.epochs * texts.count }
    for index in phases.indices.dropFirst(max(0, first)) {
      let phase = phases[index]
      let seed = Self.seed(seed, phase: index)
      let matching =
        phase.needsStates
        ? try Matching(
          teacher: teacher.bert, values: teacher.values, student: student.bert, matches: phase.matches,
          projections: phase.projections) : nil
      let task = SequenceTask(
        student.bert, texts: texts, labels: labels, teacher: phase.needsOutputs ? answers : [],
        objective: phase.objective, matching: matching)
      let trained = try train(
        task, values: matching?.initialValues(values, seed: seed) ?? values, options: phase.training, seed: seed,
        context: context, team: team, from: index == first ? snapshot : nil,
        phase: PhasePlace(
          index: index, name: phases.count > 1 ? phase.name : nil,
          sentencesBefore: sentences.prefix(index).reduce(0, +), sentences: sentences.reduce(0, +)),
        selecting: phase.keepsBest ? select : nil)
      values = trained.prefix(student.bert.layout.count)
    }
    return values
  }

  /// Phases draw from streams of their own; the first from the stage's.
  static func seed(_ seed: UInt64, phase: Int) -> UInt64 { seed ^ (UInt64(phase) &* 0x9E37_79B9_7F4A_7C15) }
}
