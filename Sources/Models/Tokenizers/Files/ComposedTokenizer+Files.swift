import Artifacts

extension ComposedTokenizer {
  /// Reads `vocab.json` and `merges.txt`, as RoBERTa has them.
  init(bytePairsIn folder: FilePath) throws {
    let (vocabulary, merges) = (folder.appending("vocab.json"), folder.appending("merges.txt"))
    let roles = try TokenizerRoles(folder: folder)
    let document = TokenizerDocument.roberta(
      vocabulary: try readJSON(vocabulary, code: "vocabulary.notJSON"), merges: try Self.merges(at: merges),
      options: try RobertaOptions(roles, in: folder))
    try self.init(document, roles: roles, file: vocabulary)
  }

  /// Reads `spiece.model`, as ALBERT has it.
  init(sentencePieceIn folder: FilePath) throws {
    let path = folder.appending("spiece.model")
    let roles = try TokenizerRoles(folder: folder)
    let model = try SentencePieceModel(contents(of: path), file: path.string)
    let document = TokenizerDocument.albert(model, options: try AlbertOptions(roles, in: folder))
    try self.init(document, roles: roles, file: path)
  }

  /// Puts a tokenizer together from a document that Retort made.
  init(_ document: JSONValue, roles: TokenizerRoles, file: FilePath) throws {
    let parts = try TokenizerDocument(document, file: file.string).parts()
    self.init(parts, roles: roles, document: Array(document.compactText.utf8))
  }

  /// `merges.txt`: a line for each pair, a space between the two; a first line may name the version.
  private static func merges(at path: FilePath) throws -> [JSONValue] {
    let lines = try contents(of: path, limit: 1 << 28).split(separator: 0x0A, omittingEmptySubsequences: false)
    var merges: [JSONValue] = []
    for (index, line) in lines.enumerated() {
      let line = line.last == 0x0D ? line.dropLast() : line
      if line.isEmpty || index == 0 && line.starts(with: "#version".utf8) { continue }
      let parts = line.split(separator: 0x20, omittingEmptySubsequences: false).map {
        String(validating: $0, as: UTF8.self)
      }
      guard parts.count == 2, let left = parts[0], let right = parts[1] else {
        throw refusal(
          "vocabulary.badMerge", "A merge should be two tokens with a space between them.", at: path.string,
          line: index + 1)
      }
      merges.append(.array([.string(left), .string(right)]))
    }
    return merges
  }

  public var digest: Digest {
    var hasher = ContentHasher()
    hasher.update(document)
    for role in [roles.padding, roles.mask] {
      hasher.update([0])
      hasher.update(Array((role ?? "").utf8))
    }
    return hasher.finish()
  }

  /// Writes `tokenizer.json` as it was read, and the files that stood beside it.
  public func write(to folder: FilePath) throws {
    try Models.write(document, to: folder.appending("tokenizer.json"))
    for (name, bytes) in roles.files.sorted(by: { $0.key < $1.key }) {
      try Models.write(bytes, to: folder.appending(name))
    }
  }
}
