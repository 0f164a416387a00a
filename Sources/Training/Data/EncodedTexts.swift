import Artifacts
import Models
import Tensors

/// Texts as token numbers, special tokens included: encoded once, then packed into batches.
public struct EncodedTexts: Sendable {
  /// Token ids of each text.
  public private(set) var ids: [[Int32]] = []
  /// Segments of each text; nil where none is a pair, so that all are 0.
  public private(set) var types: [[Int32]]?
  /// How many texts (or pairs) were shortened.
  public private(set) var truncated = 0

  public var count: Int { ids.count }
  public var tokenCount: Int { ids.reduce(0) { $0 + $1.count } }

  /// Takes encoded texts as they are.
  public init(ids: [[Int32]], types: [[Int32]]? = nil, truncated: Int = 0) {
    self.ids = ids
    self.types = types
    self.truncated = truncated
  }

  /// Encodes examples; what is longer than `longest` tokens is cut at its end (of a pair, the longer text first).
  ///
  /// - Throws: what the tokenizer throws, such as `tokenizer.truncation` for a `longest` without room for a text.
  public init(_ examples: [LabelledExample], by tokenizer: some Tokenizer, longest: Int) throws {
    let hasPairs = examples.contains { $0.pair != nil }
    var types: [[Int32]] = []
    ids.reserveCapacity(examples.count)
    for example in examples {
      let whole = try tokenizer.encode(example.text, example.pair)
      let fitting = whole.count > longest ? try tokenizer.encode(example.text, example.pair, longest: longest) : whole
      if whole.count > longest { truncated += 1 }
      ids.append(fitting.ids)
      if hasPairs { types.append(fitting.typeIDs) }
    }
    self.types = hasPairs ? types : nil
  }

  /// Encodes passages; what is longer than `longest` tokens goes on as a further text, so that nothing is lost.
  ///
  /// - Throws: `data.length` for a `longest` without room for a token.
  public init(passages: [String], by tokenizer: some Tokenizer, longest: Int) throws {
    let room = longest - tokenizer.framingCount
    guard room > 0 else {
      throw RetortError(
        "data.length", "A length of \(longest) tokens leaves no room beside the special ones.",
        remedy: "Allow at least \(tokenizer.framingCount + 1).", at: Place(field: "length"))
    }
    for passage in passages {
      var whole = Encoding()
      tokenizer.tokenize(passage, into: &whole, wantsOffsets: false)
      for start in stride(from: 0, to: whole.ids.count, by: room) {
        var part = Encoding()
        part.ids = Array(whole.ids[start..<min(start + room, whole.ids.count)])
        part.typeIDs = [Int32](repeating: 0, count: part.ids.count)
        ids.append(tokenizer.frame(part, nil).ids)
      }
    }
  }

  /// Some texts as one packed batch, in the given order.
  public func packed(_ indices: some Sequence<Int>) throws -> PackedBatch {
    var batch = PackedBatch()
    for index in indices { try batch.append(ids[index], types: types?[index]) }
    return batch
  }
}
