extension Evaluate {
  public var conventions: [String] {
    let answers: String =
      switch form {
      case .classification: "answers: the largest output, the first of equals"
      case .regression: "answers: the one output, as it is"
      case .tagging:
        "answers: the largest output at a word's first piece; words without a piece, or cut off, count as outside"
      case .ranking:
        "answers: a query's candidates by the one output; queries without a relevant passage are left out"
      }
    return [
      answers + "; int8 models answer with integer products",
      "scores: \((metric ?? form.metric).words) first, with 95 % intervals by the percentile bootstrap over "
        + "\(form.units), 1,000 resamples (accuracy: Wilson 1927)",
    ] + definitions
      + (reference == nil
        ? [] : ["difference: the reference on the same resamples; agreement: how alike both answer (docs/metrics.md)"])
  }

  private var definitions: [String] {
    switch form {
    case .classification: ["macro F1: the unweighted mean over the classes that occur"]
    case .regression: ["Spearman: equal values share their mean rank"]
    case .tagging: ["entity F1: seqeval's default, right in type and both ends, micro-averaged"]
    case .ranking: ["nDCG: gains are grades, discounts 1 / log2(place + 1); equal scores: docs/metrics.md"]
    }
  }
}

extension Benchmark {
  public var conventions: [String] {
    [
      "speed: \(sentences) texts, tokenized beforehand, in batches of \(batch) on one core with nothing beside it, "
        + "median of \(rounds) \(rounds == 1 ? "round" : "rounds")",
      "latency: one text at a time; of each round's nearest-rank p50 and p95, the median",
    ]
  }
}

extension Compare {
  public var conventions: [String] {
    [
      "difference: of the score to the first model's, with both judged on the same 1,000 resamples; agreement: with it",
      "size: all files of the model; parameters: weights and biases of any precision",
    ]
  }
}
