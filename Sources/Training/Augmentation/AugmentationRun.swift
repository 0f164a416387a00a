import Artifacts
import Models
import Tensors

/// An augmentation on its way through a data set: group by group, each shared out to threads.
///
/// What is done is a prefix of the examples, so it can be stored and gone on with. How examples are grouped changes no
/// result.
public struct AugmentationRun: Sendable {
  public let examples: [LabelledExample]
  private let augmenter: any Augmenter
  private let team: ThreadTeam
  /// Pieces of work: runs of examples with about as much text each.
  private let pieces: [Range<Int>]
  /// The variants of the first examples.
  public private(set) var done = VariantGroup()

  public init(_ examples: [LabelledExample], by augmenter: some Augmenter, on team: ThreadTeam) {
    self.examples = examples
    self.augmenter = augmenter
    self.team = team
    pieces = Self.pieces(of: examples)
  }

  public var count: Int { done.variants.count }
  public var isFinished: Bool { count == examples.count }

  /// Does the next examples, a few pieces a thread.
  public mutating func advance() throws {
    guard let first = pieces.firstIndex(where: { $0.upperBound > count }) else { return }
    let group = pieces[first..<min(pieces.count, first + max(8, 4 * team.count))]
    let results = try team.map(group.count) { piece, _ in
      try augmenter.variants(of: examples[group[first + piece].clamped(to: count..<examples.count)])
    }
    for result in results { done.append(result) }
  }

  /// Goes on from a snapshot's bytes.
  ///
  /// - Throws: `augment.snapshot` for bytes that `VariantGroup.bytes` did not write, or of another data set.
  public mutating func restore(_ bytes: [UInt8]) throws {
    let group = try VariantGroup(bytes: bytes)
    guard group.variants.count <= examples.count else {
      throw RetortError(
        "augment.snapshot", "The snapshot has \(group.variants.count) examples; there are \(examples.count).",
        remedy: "Let the stage begin anew.", blame: .environment)
    }
    done = group
  }

  /// Cuts examples into runs of about 2,000 bytes of text: enough for a batch, and not long to wait for.
  static func pieces(of examples: [LabelledExample]) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var (start, bytes) = (0, 0)
    for (index, example) in examples.enumerated() {
      bytes += example.text.utf8.count + (example.pair?.utf8.count ?? 0)
      if bytes >= 2_000 || index == examples.count - 1 {
        pieces.append(start..<index + 1)
        (start, bytes) = (index + 1, 0)
      }
    }
    return pieces
  }
}
