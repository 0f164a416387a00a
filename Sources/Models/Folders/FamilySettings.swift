import Artifacts

/// Under which keys a family's `config.json` keeps what BERT's has under others.
extension BertFamily {
  /// BERT's key and the family's.
  private var renamedSettings: [(own: BertConfiguration.CodingKeys, theirs: String)] {
    switch self {
    case .bert, .roBERTa, .mobileBERT: []
    case .distilBERT:
      [
        (.hiddenSize, "dim"), (.layerCount, "n_layers"), (.headCount, "n_heads"), (.intermediateSize, "hidden_dim"),
        (.activation, "activation"), (.hiddenDropout, "dropout"), (.attentionDropout, "attention_dropout"),
        (.classifierDropout, "seq_classif_dropout"),
      ]
    case .albert: [(.classifierDropout, "classifier_dropout_prob")]
    }
  }

  /// What the family's `config.json` has not, for it never differs.
  private var absentSettings: [BertConfiguration.CodingKeys] {
    self == .distilBERT ? [.typeVocabularySize, .layerNormEpsilon] : []
  }

  /// Members under BERT's keys.
  func underOwnKeys(_ members: [JSONValue.Member]) -> [JSONValue.Member] {
    let renamed = renamedSettings
    let shadowed = Set(renamed.map(\.own.rawValue) + absentSettings.map(\.rawValue))
    return members.compactMap { member in
      if let name = renamed.first(where: { $0.theirs == member.name }) { return .init(name.own.rawValue, member.value) }
      return shadowed.contains(member.name) ? nil : member
    }
  }

  /// Members under the family's keys.
  func underTheirKeys(_ members: [JSONValue.Member]) -> [JSONValue.Member] {
    let absent = Set(absentSettings.map(\.rawValue))
    return members.filter { !absent.contains($0.name) }.map { member in
      .init(renamedSettings.first { $0.own.rawValue == member.name }?.theirs ?? member.name, member.value)
    }
  }

  /// All keys of the family's `config.json` that Retort reads and writes.
  var settingNames: Set<String> {
    let own = BertConfiguration.CodingKeys.allCases.map { JSONValue.Member($0.rawValue, .null) }
    let narrowed = self == .mobileBERT ? Bottleneck.CodingKeys.allCases.map(\.rawValue) : []
    return Set(own.map(\.name) + underTheirKeys(own).map(\.name) + narrowed)
  }

  /// What the names of the reference's classes begin with.
  private var className: String {
    switch self {
    case .bert: "Bert"
    case .distilBERT: "DistilBert"
    case .roBERTa: "Roberta"
    case .albert: "Albert"
    case .mobileBERT: "MobileBert"
    }
  }

  /// The reference's class of a model with a head: what `architectures` says.
  func architecture(of head: BertHead) -> String {
    switch head {
    case .encoder: "\(className)Model"
    case .maskedLM: "\(className)ForMaskedLM"
    case .classifier, .regression: "\(className)ForSequenceClassification"
    case .tagger: "\(className)ForTokenClassification"
    }
  }
}
