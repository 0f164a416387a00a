extension TrainVocabulary {
  public var conventions: [String] {
    [
      "pieces: the most frequent neighbours are joined (byte-pair merges, Sennrich et al. 2016), equal counts by the "
        + "smaller numbers; longest match first when text is read (WordPiece)"
    ]
  }
}

extension ImportTaskData {
  public var conventions: [String] {
    guard dev == nil || test == nil else { return [] }
    return ["split: each label by itself; equal texts\(format.group == nil ? "" : " and groups") stay in one part"]
  }
}
