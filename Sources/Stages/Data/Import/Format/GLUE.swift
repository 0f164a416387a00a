import Training

/// A task of GLUE (Wang et al. 2019) as its archives ship it.
public struct GLUE<Kind: TaskKind>: Sendable {
  var format: TaskFormat<Kind>
  /// The file that people report on.
  var development = "dev.tsv"
}

extension GLUE where Kind == Classification {
  /// Grammatical or not: no header; the label is in column 2, the sentence in column 4.
  public static var cola: GLUE {
    GLUE(format: .tsv(text: 4, label: 2, labels: [.init("0", "unacceptable"), .init("1", "acceptable")]))
  }

  /// Sentiment of movie-review phrases.
  public static var sst2: GLUE {
    GLUE(format: .tsv(text: "sentence", labels: [.init("0", "negative"), .init("1", "positive")]))
  }

  /// Paraphrase or not, in the corpus' own columns.
  public static var mrpc: GLUE {
    GLUE(
      format: .tsv(
        text: "#1 String", pair: "#2 String", label: "Quality",
        labels: [.init("0", "not_equivalent"), .init("1", "equivalent")]))
  }

  /// Whether two questions ask the same. Some rows of the official file are broken: they are left out, and counted.
  public static var qqp: GLUE {
    GLUE(
      format: .tsv(
        text: "question1", pair: "question2", label: "is_duplicate",
        labels: [.init("0", "not_duplicate"), .init("1", "duplicate")], ragged: .skipped))
  }

  /// Entailment among sentences of many genres; reported on the genres of the training part.
  public static var mnli: GLUE { mnli("dev_matched.tsv") }

  /// The same, reported on other genres.
  public static var mnliMismatched: GLUE { mnli("dev_mismatched.tsv") }

  private static func mnli(_ development: String) -> GLUE {
    GLUE(
      format: .tsv(
        text: "sentence1", pair: "sentence2", label: "gold_label",
        labels: [.init("entailment"), .init("neutral"), .init("contradiction")]), development: development)
  }

  /// Whether a sentence answers a question.
  public static var qnli: GLUE {
    GLUE(
      format: .tsv(
        text: "question", pair: "sentence", labels: [.init("entailment"), .init("not_entailment")]))
  }

  /// Textual entailment.
  public static var rte: GLUE {
    GLUE(
      format: .tsv(
        text: "sentence1", pair: "sentence2", labels: [.init("entailment"), .init("not_entailment")]))
  }

  /// What a pronoun stands for, as entailment.
  public static var wnli: GLUE {
    GLUE(
      format: .tsv(
        text: "sentence1", pair: "sentence2", labels: [.init("0", "not_entailment"), .init("1", "entailment")]))
  }
}

extension GLUE where Kind == Regression {
  /// How alike two sentences are, 0 … 5.
  public static var stsb: GLUE {
    GLUE(format: .tsv(text: "sentence1", pair: "sentence2", value: "score", range: 0...5))
  }
}

extension TaskFormat {
  /// The format of one file of a GLUE task.
  public static func glue(_ task: GLUE<Kind>) -> TaskFormat { task.format }
}
