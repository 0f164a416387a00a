import Training

extension TaskDistill {
  public var conventions: [String] {
    phases.flatMap { $0.conventions(of: phases.count, by: chosenMetric) } + [
      "teacher: frozen, without dropout; its answers are computed once"
    ]
  }
}

extension PretrainDistill {
  public var conventions: [String] {
    phases.flatMap { $0.conventions(of: phases.count, by: .accuracy) }
      + ["teacher: frozen, without dropout", "student: no head is trained; the pooler stays as it was drawn"]
  }
}

extension DistillationPhase {
  /// What the phase does, a sentence each; with its name in front where there are several.
  func conventions(of count: Int, by metric: TaskMetric) -> [String] {
    var sentences = objective.terms.filter { $0.weight != 0 }.map(\.convention)
    sentences += matches.filter { $0.weight != 0 }.map(\.convention)
    sentences += projections.map(\.convention) + training.conventions
    sentences.append(keepsBest ? keptEpochConvention(by: metric) : "kept: the last epoch")
    return count > 1 ? sentences.map { "\(name): \($0)" } : sentences
  }
}

extension OutputTerm {
  var convention: String {
    switch self {
    case .hard(let weight):
      "hard targets: cross-entropy with the labels at T = 1, mean over the labelled examples, weight \(weight)"
    case .soft(let soft): soft.convention
    case .logitMSE(let weight, let temperature):
      "logits: mean squared difference over examples and classes"
        + (temperature == 1 ? "" : ", both divided by T = \(temperature)") + ", weight \(weight)"
    case .regression(let weight): "values: mean squared error over the examples, weight \(weight)"
    case .relevance(let weight, let positive):
      "relevance: binary cross-entropy of each candidate by itself, 1 for a grade above 0, mean over the examples"
        + (positive == 1 ? "" : ", relevant ones × \(positive)") + ", weight \(weight)"
    }
  }
}

extension Match {
  var convention: String {
    var parts = ["\(feature.rawValue): \(loss.convention)"]
    if feature != .embeddings { parts.append("layers by \(map.convention), \(layers == .sum ? "added" : "averaged")") }
    switch projection {
    case .none: break
    case .shared(let name): parts.append("through the projection “\(name)”")
    case .perLayer(let name): parts.append("through a projection “\(name)” a layer")
    }
    if feature != .firstTokens { parts.append(mean.convention) }
    parts.append("weight \(weight)")
    if schedule != .constant { parts.append("changing as \(schedule)") }
    return parts.joined(separator: ", ")
  }
}

extension MatchLoss {
  var convention: String {
    switch self {
    case .squared: "mean squared difference"
    case .cosine: "1 − cosine (Sanh et al. 2019)"
    case .unitSquared(let perElement):
      "squared difference of unit vectors (Sun et al. 2019), \(perElement ? "over the width" : "summed over the width")"
    case .standardSquared(let epsilon):
      "squared difference after a plain layer norm, epsilon \(epsilon) (MobileBERT's code)"
    case .moments(let means, let variances): "\(means) · squared means + \(variances) · absolute variances (MobileBERT)"
    case .featureGram: "squared difference of Gram matrices of features, each layer with the next (FSP)"
    case .tokenGram(let divisor): "squared difference of Gram matrices of tokens over the \(divisor.rawValue) (NST)"
    case .divergence(let kind): "\(kind.convention) of the softmaxes"
    case .headSumSquared: "squared difference of scores added over the heads"
    case .headMeanDivergence(let kind): "\(kind.convention) of the softmaxes of scores averaged over the heads"
    }
  }
}

extension SoftTerm.Divergence {
  var convention: String {
    switch self {
    case .softCrossEntropy: "cross-entropy of the student with the teacher"
    case .forwardKL: "KL(teacher ‖ student)"
    case .reverseKL: "KL(student ‖ teacher)"
    }
  }
}

extension LayerMap {
  var convention: String {
    switch self {
    case .uniform: "uniform: block i at (i + 1) · N / M − 1"
    case .rounded: "rounded: block i at round((i + 1) · N / M) − 1"
    case .pkdSkip: "BERT-PKD's skip"
    case .pkdLast: "BERT-PKD's last"
    case .first: "the first blocks"
    case .last: "the last blocks"
    case .lastOnly: "the last block alone"
    case .identity: "identity"
    case .distilBERT: "DistilBERT's list"
    case .explicit(let pairs):
      pairs.map { "\($0.student.value) at \($0.teacher.value)" }.joined(separator: ", ")
    }
  }
}

extension MatchMean {
  var convention: String {
    switch self {
    case .tokens: "mean over real tokens"
    case .padded: "over all places of a padded batch (TinyBERT's code)"
    case .texts: "mean inside each text, then over texts"
    }
  }
}

extension Projection {
  var convention: String {
    "projection “\(name)”: linear \(hasBias ? "with" : "without") bias, N(0, 0.02), left behind after training"
  }
}
