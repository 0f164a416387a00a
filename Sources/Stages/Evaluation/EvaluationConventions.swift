extension Evaluate {
  public var conventions: [String] {
    [
      "answers: the largest output, the first of equals; int8 models answer with integer products",
      "accuracy: with its 95 % interval (Wilson 1927); macro F1: the unweighted mean over the classes",
    ] + (reference == nil ? [] : ["agreement: the share of examples that both models answer alike"])
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
      "agreement: with the first model",
      "size: all files of the model; parameters: weights and biases of any precision",
    ]
  }
}
