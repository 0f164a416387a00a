import Artifacts
import Tensors

extension InferenceModel {
  /// Tokens that one thread takes at once: what bounds a pass's memory.
  private static let pieceTokens = 1_024

  /// Logits of a classifier or a regression, a row a sequence, without dropout.
  ///
  /// - Parameter team: threads that share out the sequences; nil runs on the caller's.
  /// - Throws: `inference.head` without such a head, `inference.input` for a token, segment or length that the model
  ///   does not have.
  public func logits(_ batch: PackedBatch, on team: ThreadTeam? = nil) throws -> [[Float]] {
    guard case .pooled = outputs else {
      throw wrongHead("no classifier", remedy: "Fine-tune it on labelled data.")
    }
    let rows = Rows(count: batch.sequenceCount, width: head.outputs)
    try run(batch, on: team) { pass in
      outputs.answer(
        try pass.encode(at: pass.batch.firstRows), rows: pass.batch.sequenceCount,
        into: rows[pass.batch.firstExample - batch.firstExample], in: pass.workspace)
    }
    return rows.all
  }

  /// Logits of a tagger, a row a token: [tokens][labels].
  ///
  /// - Throws: As `logits(_:on:)`.
  public func tokenLogits(_ batch: PackedBatch, on team: ThreadTeam? = nil) throws -> [[Float]] {
    guard case .tagger(let classifier) = outputs else {
      throw wrongHead("no head that labels tokens", remedy: "Fine-tune it on tagged text.")
    }
    let rows = Rows(count: batch.tokenCount, width: head.outputs)
    try run(batch, on: team) { pass in
      let states = try pass.encode()
      classifier(
        states, rows: pass.batch.tokenCount, into: rows[pass.batch.firstRow - batch.firstRow], in: pass.workspace)
    }
    return rows.all
  }

  /// The encoder's last hidden states, a row a token: [tokens][hidden].
  public func hiddenStates(_ batch: PackedBatch, on team: ThreadTeam? = nil) throws -> [[Float]] {
    let rows = Rows(count: batch.tokenCount, width: configuration.hiddenSize)
    try run(batch, on: team) { pass in
      let target = rows[pass.batch.firstRow - batch.firstRow]
      target.update(from: try pass.encode(), count: pass.batch.tokenCount * rows.width)
    }
    return rows.all
  }

  /// The mean of each sequence's last hidden states, special tokens included: what sentence encoders pool.
  public func meanPooled(_ batch: PackedBatch, on team: ThreadTeam? = nil) throws -> [[Float]] {
    let width = configuration.hiddenSize
    let rows = Rows(count: batch.sequenceCount, width: width)
    try run(batch, on: team) { pass in
      let states = try pass.encode()
      for sequence in 0..<pass.batch.sequenceCount {
        let tokens = Int(pass.batch.offsets[sequence])..<Int(pass.batch.offsets[sequence + 1])
        let mean = rows[pass.batch.firstExample - batch.firstExample + sequence]
        for token in tokens {
          for column in 0..<width { mean[column] += states[token * width + column] }
        }
        for column in 0..<width { mean[column] /= Float(tokens.count) }
      }
    }
    return rows.all
  }

  func wrongHead(_ what: String, remedy: String) -> RetortError {
    refusal("inference.head", "The model has \(what).", remedy: remedy)
  }

  // MARK: Sharing out

  /// Runs each piece of a batch on one thread, or the only piece by all of them; every piece writes rows of its own.
  func run(
    _ batch: PackedBatch, on team: ThreadTeam?, allowsCrews: Bool = true, _ body: (InferencePass) throws -> Void
  ) throws {
    try check(batch)
    let needed = (batch.tokenCount + Self.pieceTokens - 1) / Self.pieceTokens
    // Where activations share a scale, a piece's tokens decide it: the cut must not depend on the threads.
    let threads = sharesScales ? 1 : team?.count ?? 1
    let allowsCrews = allowsCrews && bottlenecks.isEmpty
    let shared = min((needed + threads - 1) / threads * threads, batch.sequenceCount)
    func take(_ piece: PackedBatch, by crew: ThreadTeam?) throws {
      try workspaces.with {
        try body(InferencePass(model: self, batch: piece, workspace: $0, crew: Crew(team: crew, pool: workspaces)))
      }
    }
    let pieces = batch.shards(shared < threads ? needed : shared).filter { $0.sequenceCount > 0 }
    if let team, pieces.count > 1, pieces.count >= threads {
      try team.run(pieces.count) { piece, _ in try take(pieces[piece], by: nil) }
    } else {
      for piece in pieces { try take(piece, by: allowsCrews ? team : nil) }
    }
  }

  private var sharesScales: Bool {
    if case .int8(let convention) = form { convention.sharesScales } else { false }
  }

  private func check(_ batch: PackedBatch) throws {
    let types = configuration.typeVocabularySize
    for (name, values, limit) in [
      ("token", batch.ids, configuration.vocabularySize), ("segment", types > 0 ? batch.typeIDs : [], types),
    ] {
      if let value = values.first(where: { $0 < 0 || $0 >= limit }) {
        throw refusal("inference.input", "There is no \(name) \(value); the model has \(limit).")
      }
    }
    if let place = batch.positions.max(), place >= configuration.longestInput {
      throw refusal(
        "inference.input", "A sequence has \(place + 1) tokens; the model takes \(configuration.longestInput).",
        remedy: "Shorten the text.")
    }
  }
}

/// Rows of results that pieces fill, each its own.
final class Rows: @unchecked Sendable {
  let width: Int
  private let count: Int
  private let values: FlatBuffer<Float>

  init(count: Int, width: Int) {
    (self.count, self.width) = (count, width)
    values = FlatBuffer(count: count * width)
  }

  subscript(row: Int) -> UnsafeMutablePointer<Float> { values.pointer + row * width }

  var all: [[Float]] { (0..<count).map { values[$0 * width..<($0 + 1) * width] } }
}
