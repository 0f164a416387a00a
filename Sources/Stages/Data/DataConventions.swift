extension TrainVocabulary {
  public var conventions: [String] {
    if kind == .bytePairs {
      return [
        "pieces: bytes of GPT-2's words, of which the most frequent neighbours are joined (Sennrich et al. 2016), equal "
          + "counts by the smaller numbers; special tokens and frame are RoBERTa's"
      ]
    }
    return [
      "pieces: the most frequent neighbours are joined (byte-pair merges, Sennrich et al. 2016), equal counts by the "
        + "smaller numbers; longest match first when text is read (WordPiece)"
    ]
  }
}

extension ImportTaskData {
  public var conventions: [String] {
    var sentences: [String] = []
    if dev == nil || test == nil {
      let groups = format.group != nil || format.syntax.keepsDocuments
      switch format.target {
      case .label:
        sentences.append("split: each label by itself; equal texts\(groups ? " and groups" : "") stay in one part")
      case .value, .tags:
        sentences.append("split: \(groups ? "groups" : "equal texts") stay in one part")
      case .grade: sentences.append("split: whole queries, \(groups ? "by their group" : "equal ones in one part")")
      }
    }
    if case .tags(let scheme) = format.target, scheme != .plain {
      sentences.append("tags: spans in IOB2 (Ratnaparkhi 1998), read from \(scheme.rawValue)")
    }
    return sentences
  }
}
