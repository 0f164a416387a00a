import Declaring
import Models
import Tensors
import Training

/// Trains a student on what happens inside a pretrained teacher that reads raw text: general distillation, before any
/// task (Jiao et al. 2020, §3.2).
///
/// The student learns no head: what comes out is an encoder, to be distilled for a task. Its pooler is as it was drawn.
public struct PretrainDistill: Stage {
  public static let id = "distill.pretraining"
  public static let version = 3

  var teacher: Ref<Model<EncoderOnly>>
  var student: Student
  var corpus: Ref<Corpus>
  var phases: [DistillationPhase]
  var length: Int
  var seed: Seed

  /// Distils by a recipe's general phases.
  ///
  /// - Parameters:
  ///   - teacher: pretrained, not fine-tuned; of any kind: only its encoder is looked at.
  ///   - student: `.bert(layers: 2, hidden: 64, heads: 4)`, `.thinned(layers: 2)` of the teacher, or `.model(ref.encoder)`.
  ///   - recipe: such as `.tinyBERT()`.
  ///   - length: longer passages are cut into pieces of this many tokens.
  public init<Kind: ModelKind>(
    _ teacher: Ref<Model<Kind>>, into student: Student, on corpus: Ref<Corpus>, recipe: DistillationRecipe,
    length: Int = 128, seed: Seed = .standard
  ) {
    self.teacher = teacher.encoder
    self.student = student
    self.corpus = corpus
    phases = recipe.general
    self.length = length
    self.seed = seed
  }

  public var resources: Resources { Resources(cores: phases.map(\.training.shards).max() ?? 1) }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    let teacher = forecast[teacher]
    forecast.check(trainable: teacher, field: "teacher")
    forecast.check(length: length, positions: teacher.positions)
    var facts = student.forecast(&forecast, teacher: teacher)
    if facts.positions != teacher.positions { forecast.check(length: length, positions: facts.positions) }
    forecast.check(phases, teacher: teacher, student: facts)
    if phases.contains(where: { !$0.objective.terms.isEmpty }) {
      forecast.fault(
        "phases", "Raw text has no answers, but a phase has losses on answers.",
        remedy: "Compare inner states alone, or use TaskDistill.")
    }
    facts.labels = nil
    facts.parameters = nil
    facts.precision = "f32"
    return facts
  }

  public func run(_ context: StageContext) async throws -> Model<EncoderOnly> {
    let seed = context.seed(seed)
    let teacher = try StoredModel(reading: context.load(teacher).folder)
    let texts = try EncodedTexts(
      passages: context.load(corpus).passages(), by: teacher.tokenizer, longest: length)
    let model = try rethrowing { try student.initial(context, teacher: teacher, head: .encoder, seed: seed) }
    let training = PhasedTraining(phases: phases, teacher: teacher, student: model, texts: texts)
    let trained = try training.run(context, seed: seed, team: ThreadTeam(context.threads))
    return try StoredModel(model.bert, values: trained, tokenizer: model.tokenizer).published(by: context)
  }
}
