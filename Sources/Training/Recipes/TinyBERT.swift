extension DistillationRecipe {
  /// Where the paper on TinyBERT and its code differ.
  public enum TinyBERTConvention: String, Sendable, Codable {
    /// One projection with bias for the embeddings and all layers; means count the padding of the batch; the soft
    /// cross-entropy is divided by the number of classes.
    case referenceCode
    /// A projection without bias for the embeddings and one for all hidden states; means over real tokens; the soft
    /// cross-entropy is a mean over examples.
    case paper
  }

  /// TinyBERT (Jiao et al. 2020): first what happens inside (embeddings, hidden states, raw attention scores), then,
  /// for a task, the teacher's answers at temperature 1.
  ///
  /// The student has as many heads as the teacher, and a depth that divides the teacher's. The reference code carries
  /// the projection from general to task distillation; here it ends with each stage.
  ///
  /// - Parameters:
  ///   - general: for `PretrainDistill`; the published values are 3 epochs of 256 texts at 1e-4 over Wikipedia.
  ///   - intermediate: for the first phase on a task; published: 20 epochs of 32 at 5e-5, constant.
  ///   - prediction: for the second; published: 3 epochs of 32 at 3e-5, linear with warm-up.
  ///   - map: which of the teacher's blocks each of the student's looks at.
  ///   - temperature: of the answers; the paper's is 1.
  public static func tinyBERT(
    _ convention: TinyBERTConvention = .referenceCode,
    general: TrainingOptions = TrainingOptions(epochs: 3, batchSize: 256, optimiser: AdamW(learningRate: 1e-4)),
    intermediate: TrainingOptions = TrainingOptions(
      epochs: 20, optimiser: AdamW(learningRate: 5e-5), schedule: LearningRateSchedule(warmup: 0, shape: .constant)),
    prediction: TrainingOptions = TrainingOptions(epochs: 3, optimiser: AdamW(learningRate: 3e-5)),
    map: LayerMap = .uniform, temperature: Double = 1
  ) -> DistillationRecipe {
    let isPaper = convention == .paper
    let mean: MatchMean = isPaper ? .tokens : .padded
    let matches = [
      Match(.embeddings, map: map, projection: .shared(isPaper ? "embeddings" : "states"), mean: mean),
      Match(.hiddenStates, map: map, projection: .shared(isPaper ? "hidden" : "states"), mean: mean),
      Match(.attentionScores, map: map, mean: mean),
    ]
    let projections =
      isPaper
      ? [Projection("embeddings", hasBias: false), Projection("hidden", hasBias: false)] : [Projection("states")]
    let answers = SoftTerm(
      weight: 1, temperature: temperature, divergence: .softCrossEntropy, scaling: .none,
      reduction: isPaper ? .batchMean : .elementMean)
    func inside(_ training: TrainingOptions) -> TrainingOptions {
      // Nothing in these phases reaches the head; it must not decay either.
      var training = training
      training.groups += [.frozen("bert.pooler"), .frozen("classifier")]
      return training
    }
    return DistillationRecipe(
      general: [
        DistillationPhase(
          "general", matches: matches, projections: projections, training: inside(general), keepsBest: false)
      ],
      task: [
        DistillationPhase(
          "intermediate", matches: matches, projections: projections, training: inside(intermediate), keepsBest: false),
        DistillationPhase("prediction", objective: OutputObjective([.soft(answers)]), training: prediction),
      ])
  }
}
