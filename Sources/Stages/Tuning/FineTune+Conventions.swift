import Training

extension FineTune {
  public var conventions: [String] {
    [learnt, head] + training.conventions + [keptEpochConvention(by: chosenMetric)]
      + (holdout.map { [$0.convention] } ?? [])
  }

  private var learnt: String {
    switch (Kind.form, loss) {
    case (.classification, _): "loss: cross-entropy with the labels, mean over the labelled examples of a batch"
    case (.regression, _): "loss: squared error of the raw values, mean over a batch"
    case (.tagging, _):
      "loss: cross-entropy with each word's label at its first piece, mean over the labelled words of a batch"
    case (.ranking, .listwise(let candidates)):
      "loss: cross-entropy of a softmax over \(candidates) candidates of a query (ListNet), mean over the queries of a batch"
    case (.ranking, .pointwise(let weight)) where weight != 1:
      "loss: binary cross-entropy of each candidate, 1 for a grade above 0, relevant ones × \(weight), mean over a batch"
    case (.ranking, _): "loss: binary cross-entropy of each candidate, 1 for a grade above 0, mean over a batch"
    }
  }

  private var head: String {
    switch Kind.form {
    case .classification:
      "head: pooler, dropout and a linear layer on the first token (BertForSequenceClassification); new, unless the base "
        + "is a classifier of the same labels"
    case .regression, .ranking:
      "head: pooler, dropout and a linear layer of one output (BertForSequenceClassification); new, unless the base has one"
    case .tagging:
      "head: dropout and a linear layer on each token (BertForTokenClassification); new, unless the base is a tagger of the "
        + "same labels"
    }
  }
}

extension Holdout {
  /// Of what is held out.
  var convention: String {
    let when = devBelow.map { " where dev has fewer than \($0) examples" } ?? ""
    return "held out: \(percent(share)) of the training examples, whole groups, to choose epochs with dev\(when)"
  }
}
