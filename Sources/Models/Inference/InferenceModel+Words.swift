import Artifacts
import Tensors

extension InferenceModel {
  /// Masked-LM logits over the vocabulary at token rows of the batch, in the order given.
  ///
  /// - Parameter rows: token rows of this batch; they may repeat.
  /// - Returns: [rows][vocabulary].
  /// - Throws: `inference.head` without a masked-LM head, `inference.input` for a row, token, segment or length that the
  ///   batch or the model does not have.
  public func wordLogits(_ batch: PackedBatch, at rows: [Int32], on team: ThreadTeam? = nil) throws -> [[Float]] {
    let words = Rows(count: rows.count, width: configuration.vocabularySize)
    for row in rows where row < 0 || row >= batch.tokenCount {
      throw refusal("inference.input", "The batch has \(batch.tokenCount) tokens; there is no row \(row).")
    }
    try forEachWordRow(of: batch, at: rows, isOneOfEach: false, on: team) { place, logits in
      words[place].update(from: logits, count: words.width)
    }
    return words.all
  }

  /// The tokens that the masked-LM head finds likeliest at one row of each sequence, such as its mask.
  ///
  /// The last block computes those rows alone, and logits live only until the largest were found: memory does not grow with
  /// rows × vocabulary.
  ///
  /// - Parameters:
  ///   - rows: a token row of each sequence of this batch, in their order.
  ///   - count: tokens wanted for each row; there are fewer where the vocabulary is smaller.
  /// - Returns: [sequences][count] token numbers, the likeliest first, the lower number of equally likely ones.
  /// - Throws: As `wordLogits(_:at:on:)`, also where a sequence has no row or several.
  public func likeliestTokens(
    _ batch: PackedBatch, at rows: [Int32], count: Int, on team: ThreadTeam? = nil
  ) throws -> [[Int32]] {
    guard rows.count == batch.sequenceCount,
      rows.indices.allSatisfy({ (batch.offsets[$0]..<batch.offsets[$0 + 1]).contains(rows[$0]) })
    else {
      throw refusal(
        "inference.input", "The rows are not one of each of the batch's \(batch.sequenceCount) sequences.",
        remedy: "Give the row of one token of each sequence, in their order.")
    }
    let width = configuration.vocabularySize
    let found = Places(count: rows.count)
    try forEachWordRow(of: batch, at: rows, isOneOfEach: true, on: team) { place, logits in
      let largest = LargestValues.places(in: UnsafeBufferPointer(start: logits, count: width), count: count)
      found[place] = largest.map { Int32($0) }
    }
    return found.all
  }

  /// Computes the logits at each of `rows`, and hands them over with the place in `rows`, on any thread of the team.
  /// They are valid during the call only.
  ///
  /// Which way it goes is the caller's to say, not for `rows` to decide: the two may differ in their last bits.
  private func forEachWordRow(
    of batch: PackedBatch, at rows: [Int32], isOneOfEach: Bool, on team: ThreadTeam?,
    _ body: (_ place: Int, _ logits: UnsafePointer<Float>) -> Void
  ) throws {
    guard case .maskedLM = outputs else {
      throw wrongHead("no masked-LM head", remedy: "Pretrain it on raw text.")
    }
    let width = configuration.vocabularySize
    try run(batch, on: team) { pass in
      let start = pass.batch.firstRow - batch.firstRow
      let mine = rows.indices.filter { (start..<start + pass.batch.tokenCount).contains(Int(rows[$0])) }
      guard !mine.isEmpty else { return }
      let (hidden, space) = (configuration.hiddenSize, pass.workspace)
      let places = mine.map { rows[$0] - Int32(start) }
      var chosen = space.floats(mine.count * hidden)
      if isOneOfEach {
        chosen = try pass.encode(at: places)
      } else {
        ForwardLoops.gatherRows(try pass.encode(), at: places, width: hidden, into: chosen)
      }
      let scores = space.floats(mine.count * width)
      outputs.words(chosen, rows: mine.count, transformActivation, into: scores, in: space)
      for (index, place) in mine.enumerated() { body(place, scores + index * width) }
    }
  }
}

/// Token numbers of rows that pieces fill, each its own.
private final class Places: @unchecked Sendable {
  private let rows: UnsafeMutableBufferPointer<[Int32]>

  init(count: Int) {
    rows = .allocate(capacity: count)
    rows.initialize(repeating: [])
  }

  deinit {
    rows.deinitialize()
    rows.deallocate()
  }

  subscript(row: Int) -> [Int32] {
    get { rows[row] }
    set { rows[row] = newValue }
  }

  var all: [[Int32]] { Array(rows) }
}
