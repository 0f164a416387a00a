import Training

extension FineTune {
  public var conventions: [String] {
    [
      "loss: cross-entropy with the labels, mean over the labelled examples of a batch",
      "head: pooler, dropout and a linear layer on the first token (BertForSequenceClassification); new, unless the base "
        + "is a classifier of the same labels",
    ] + training.conventions + [keptEpochConvention]
  }
}
