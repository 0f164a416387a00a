/// What a table of embeddings is looked up by.
enum EmbeddingRole: Sendable {
  case words, positions, types

  var parameter: String {
    switch self {
    case .words: BertNames.words
    case .positions: BertNames.positions
    case .types: BertNames.types
    }
  }

  /// A row of the table for each token, counted from the first that is used.
  func places(in batch: PackedBatch) -> [Int32] {
    switch self {
    case .words: batch.ids
    case .positions: batch.positions
    case .types: batch.typeIDs
    }
  }
}

extension BertConfiguration {
  /// The tables besides the words'.
  var placeRoles: [EmbeddingRole] { typeVocabularySize > 0 ? [.positions, .types] : [.positions] }

  /// Rows at the beginning of a table that no token uses.
  func unusedRows(of role: EmbeddingRole) -> Int { role == .positions ? firstPosition : 0 }
}
