import Artifacts
import FoundationEssentials

/// What `tokenizer_config.json` says of a RoBERTa tokenizer.
struct RobertaOptions {
  var start = "<s>"
  var end = "</s>"
  var padding = "<pad>"
  var unknown = "<unk>"
  var mask = "<mask>"
  /// The mask takes the space before it along.
  var maskStripsLeft = true
  var addsPrefixSpace = false
  var trimsOffsets = true
  var modelLength = 512

  init() {}

  init(_ roles: TokenizerRoles, in folder: FilePath) throws {
    let file = folder.appending(TokenizerRoles.configurationName)
    guard roles.files[TokenizerRoles.configurationName] != nil else { return }
    let document = try readJSON(file, code: "tokenizer.badConfiguration")
    let reader = TokenizerDocument(document, file: file.string)
    func token(_ name: String, _ target: inout String) {
      target = document[name]?.text ?? document[name]?["content"]?.text ?? target
    }
    token("cls_token", &start)
    token("sep_token", &end)
    token("pad_token", &padding)
    token("unk_token", &unknown)
    token("mask_token", &mask)
    if let strips = document["mask_token"]?["lstrip"]?.flag { maskStripsLeft = strips }
    addsPrefixSpace = try reader.flag("add_prefix_space", of: document, "tokenizer_config", default: false)
    trimsOffsets = try reader.flag("trim_offsets", of: document, "tokenizer_config", default: true)
    modelLength = roles.modelLength ?? modelLength
  }

  var configurationText: String {
    JSONValue.object([
      .init("add_prefix_space", .bool(addsPrefixSpace)), .init("bos_token", .string(start)),
      .init("cls_token", .string(start)), .init("eos_token", .string(end)),
      .init("mask_token", TokenizerDocument.addedToken(mask, stripsLeft: maskStripsLeft, type: "AddedToken")),
      .init("model_max_length", .number(modelLength)), .init("pad_token", .string(padding)),
      .init("sep_token", .string(end)), .init("tokenizer_class", .string("RobertaTokenizer")),
      .init("trim_offsets", .bool(trimsOffsets)), .init("unk_token", .string(unknown)),
    ]).prettyText
  }
}

/// What `tokenizer_config.json` says of an ALBERT tokenizer.
struct AlbertOptions {
  var lowercases = true
  var keepsAccents = false
  var start = "[CLS]"
  var end = "[SEP]"
  var padding = "<pad>"
  var mask = "[MASK]"
  var maskStripsLeft = true

  init() {}

  init(_ roles: TokenizerRoles, in folder: FilePath) throws {
    let file = folder.appending(TokenizerRoles.configurationName)
    guard roles.files[TokenizerRoles.configurationName] != nil else { return }
    let document = try readJSON(file, code: "tokenizer.badConfiguration")
    let reader = TokenizerDocument(document, file: file.string)
    func token(_ name: String, _ target: inout String) {
      target = document[name]?.text ?? document[name]?["content"]?.text ?? target
    }
    token("cls_token", &start)
    token("sep_token", &end)
    token("pad_token", &padding)
    token("mask_token", &mask)
    if let strips = document["mask_token"]?["lstrip"]?.flag { maskStripsLeft = strips }
    lowercases = try reader.flag("do_lower_case", of: document, "tokenizer_config", default: true)
    keepsAccents = try reader.flag("keep_accents", of: document, "tokenizer_config", default: false)
  }
}

extension TokenizerDocument {
  static func addedToken(
    _ content: String, id: Int32? = nil, stripsLeft: Bool = false, type: String? = nil
  ) -> JSONValue {
    .object(
      (type.map { [.init("__type", .string($0))] } ?? []) + (id.map { [.init("id", .number(Int($0)))] } ?? []) + [
        .init("content", .string(content)), .init("single_word", .bool(false)), .init("lstrip", .bool(stripsLeft)),
        .init("rstrip", .bool(false)), .init("normalized", .bool(false)), .init("special", .bool(true)),
      ])
  }

  private static func document(
    added: [JSONValue], normalizer: JSONValue, preTokenizer: JSONValue, postProcessor: JSONValue, decoder: JSONValue,
    model: JSONValue
  ) -> JSONValue {
    .object([
      .init("version", .string("1.0")), .init("truncation", .null), .init("padding", .null),
      .init("added_tokens", .array(added)), .init("normalizer", normalizer), .init("pre_tokenizer", preTokenizer),
      .init("post_processor", postProcessor), .init("decoder", decoder), .init("model", model),
    ])
  }

  private static func typed(_ type: String, _ members: [JSONValue.Member] = []) -> JSONValue {
    .object([.init("type", .string(type))] + members)
  }

  /// `[CLS] a [SEP]` and `[CLS] a [SEP] b [SEP]`.
  private static func template(_ start: (String, Int32), _ end: (String, Int32)) -> JSONValue {
    func special(_ name: String, _ type: Int) -> JSONValue {
      .object([.init("SpecialToken", .object([.init("id", .string(name)), .init("type_id", .number(type))]))])
    }
    func text(_ name: String, _ type: Int) -> JSONValue {
      .object([.init("Sequence", .object([.init("id", .string(name)), .init("type_id", .number(type))]))])
    }
    let single = [special(start.0, 0), text("A", 0), special(end.0, 0)]
    let named = [start, end].map { name, id in
      JSONValue.Member(
        name,
        .object([
          .init("id", .string(name)), .init("ids", .array([.number(Int(id))])),
          .init("tokens", .array([.string(name)])),
        ]))
    }
    return typed(
      "TemplateProcessing",
      [
        .init("single", .array(single)), .init("pair", .array(single + [text("B", 1), special(end.0, 1)])),
        .init("special_tokens", .object(start.0 == end.0 ? [named[0]] : named)),
      ])
  }

  /// Byte-level byte pairs in RoBERTa's frame.
  static func roberta(vocabulary: JSONValue, merges: [JSONValue], options: RobertaOptions) -> JSONValue {
    func id(_ token: String) -> Int32? { vocabulary[token]?.integer.flatMap { Int32(exactly: $0) } }
    var seen: [String] = []
    let names = [options.start, options.padding, options.end, options.unknown, options.mask]
    let added = names.compactMap { name -> JSONValue? in
      guard let id = id(name), !seen.contains(name) else { return nil }
      seen.append(name)
      return addedToken(name, id: id, stripsLeft: name == options.mask && options.maskStripsLeft)
    }
    func framing(_ name: String) -> JSONValue { .array([.string(name), id(name).map { .number(Int($0)) } ?? .null]) }
    let prefix = JSONValue.Member("add_prefix_space", .bool(options.addsPrefixSpace))
    let byteLevel = typed("ByteLevel", [prefix, .init("trim_offsets", .bool(true)), .init("use_regex", .bool(true))])
    return document(
      added: added, normalizer: .null, preTokenizer: byteLevel,
      postProcessor: typed(
        "RobertaProcessing",
        [
          .init("sep", framing(options.end)), .init("cls", framing(options.start)),
          .init("trim_offsets", .bool(options.trimsOffsets)), prefix,
        ]),
      decoder: byteLevel,
      model: typed(
        "BPE",
        [
          .init("dropout", .null), .init("unk_token", .null), .init("continuing_subword_prefix", .string("")),
          .init("end_of_word_suffix", .string("")), .init("fuse_unk", .bool(false)),
          .init("byte_fallback", .bool(false)), .init("ignore_merges", .bool(false)), .init("vocab", vocabulary),
          .init("merges", .array(merges)),
        ]))
  }

  /// A sentencepiece model with ALBERT's normalisers, in BERT's frame.
  static func albert(_ model: SentencePieceModel, options: AlbertOptions) -> JSONValue {
    func id(_ token: String) -> Int32? {
      model.pieces.firstIndex { $0.text.utf8.elementsEqual(token.utf8) }.map { Int32($0) }
    }
    var steps = ["``", "''"].map { quote in
      typed("Replace", [.init("pattern", .object([.init("String", .string(quote))])), .init("content", .string("\""))])
    }
    if !options.keepsAccents { steps += [typed("NFKD"), typed("StripAccents")] }
    if options.lowercases { steps.append(typed("Lowercase")) }
    if !model.characterMap.isEmpty {
      let text = Data(model.characterMap).base64EncodedString()
      steps.append(typed("Precompiled", [.init("precompiled_charsmap", .string(text))]))
    }
    let metaspace = typed(
      "Metaspace",
      [.init("replacement", .string("▁")), .init("prepend_scheme", .string("always")), .init("split", .bool(true))])
    let named = [options.start, options.end, options.padding, options.mask]
    var added: [JSONValue] = []
    for (number, piece) in model.pieces.enumerated() {
      let isNamed = named.contains { $0.utf8.elementsEqual(piece.text.utf8) }
      guard isNamed || piece.kind == .control || piece.kind == .userDefined || number == model.unknown else { continue }
      guard !piece.text.isEmpty else { continue }
      added.append(
        addedToken(piece.text, id: Int32(number), stripsLeft: piece.text == options.mask && options.maskStripsLeft))
    }
    return document(
      added: added, normalizer: typed("Sequence", [.init("normalizers", .array(steps))]),
      preTokenizer: typed("Sequence", [.init("pretokenizers", .array([typed("WhitespaceSplit"), metaspace]))]),
      postProcessor: template((options.start, id(options.start) ?? -1), (options.end, id(options.end) ?? -1)),
      decoder: metaspace,
      model: typed(
        "Unigram",
        [
          .init("unk_id", .number(model.unknown)),
          .init("vocab", .array(model.pieces.map { .array([.string($0.text), .number(Double($0.score))]) })),
          .init("byte_fallback", .bool(model.fallsBackToBytes)),
        ]))
  }

  /// WordPiece in BERT's frame.
  static func bert(_ tokenizer: BertTokenizer) -> JSONValue {
    let options = tokenizer.options
    let names = options.specialTokens.filter { tokenizer.id(of: $0) != nil }
    let added = names.compactMap { name in tokenizer.id(of: name).map { (name, $0) } }.sorted { $0.1 < $1.1 }
    let special = [options.classifierToken, options.separatorToken].map { ($0, tokenizer.id(of: $0) ?? 0) }
    return document(
      added: added.map { addedToken($0.0, id: $0.1) },
      normalizer: typed(
        "BertNormalizer",
        [
          .init("clean_text", .bool(true)), .init("handle_chinese_chars", .bool(options.words.splitsIdeographs)),
          .init("strip_accents", options.words.stripsAccents.map { .bool($0) } ?? .null),
          .init("lowercase", .bool(options.words.lowercases)),
        ]),
      preTokenizer: typed("BertPreTokenizer"), postProcessor: template(special[0], special[1]),
      decoder: typed("WordPiece", [.init("prefix", .string("##")), .init("cleanup", .bool(true))]),
      model: typed(
        "WordPiece",
        [
          .init("unk_token", .string(options.unknownToken)), .init("continuing_subword_prefix", .string("##")),
          .init("max_input_chars_per_word", .number(options.longestWord)),
          .init("vocab", .object(tokenizer.table.tokens.enumerated().map { .init($1, .number($0)) })),
        ]))
  }
}

extension BertTokenizer {
  /// The tokenizer as `tokenizer.json`, which Hugging Face tokenizers loads.
  public var documentText: String { TokenizerDocument.bert(self).compactText }
}
