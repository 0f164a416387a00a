import Artifacts

/// An artifact with everything that it was made from, as one file carries it: recipes, records, contents.
///
/// | part of the file | bytes |
/// | --- | --- |
/// | magic, version | `RETORTBU`, `UInt32` 1 |
/// | records | `UInt64` length, then the members and the list of contents as `BundleCoding` writes them |
/// | contents | the bytes of each, in the order of the list; of a folder its files, in the order of its manifest |
/// | seal | SHA-256 of all before it |
///
/// All numbers are little-endian. The bytes follow from what is in it: the same artifact gives the same file.
struct LineageBundle {
  static let magic = Array("RETORTBU".utf8)
  static let version: UInt32 = 1
  /// Of the records, in bytes: they are read into memory.
  static let largestRecords = 256 << 20
  /// Of one value, in bytes: it is read into memory, unlike folders.
  static let largestValue = 1 << 30

  /// An execution without what only its own cache knows: ids and runs.
  struct Member: Sendable {
    var label: String
    var recipe: Recipe
    /// Without inputs and children, whose ids mean nothing elsewhere.
    var details: ExecutionDetails
    var inputs: [Input]
    var outputs: [OutputEntry]

    struct Input: Sendable, Hashable {
      var digest: Digest
      /// The earlier member that gave it.
      var member: Int
    }
  }

  struct Piece: Sendable {
    var digest: Digest
    /// Folders with their manifest; of values the bytes follow in the file, whatever their size.
    var content: StoredContent
  }

  /// Each after those that it took from; the last is the one that was asked for.
  var members: [Member]
  /// In order of their digests, each once.
  var pieces: [Piece]

  /// The size of all contents, in bytes; nil where that is no number.
  var contentBytes: Int? {
    var sum = 0
    for piece in pieces {
      let (next, overflows) = sum.addingReportingOverflow(piece.content.bytes)
      guard piece.content.bytes >= 0, !overflows else { return nil }
      sum = next
    }
    return sum
  }
}

extension StageIdentity {
  /// What a recipe says of its stage.
  init(of tree: RecipeTree) throws {
    guard case .string(let id)? = tree["stage"], case .integer(let version)? = tree["version"] else {
      throw RetortError.badBundle("a recipe names no stage")
    }
    self.init(id: id, version: Int(version))
  }
}

extension RetortError {
  static func badBundle(_ why: String) -> RetortError {
    RetortError(
      "bundle.damaged", "The bundle cannot be used: \(why).",
      remedy: "Nothing of it was taken over. Fetch or export it again.")
  }
}

/// What was written to or read from a bundle.
public struct BundleReport: Sendable, Hashable, Codable {
  /// The artifact's label where it was exported.
  public var label: String
  /// The digest of the artifact, or of the whole of several outputs.
  public var digest: Digest
  /// The bundle's seal: equal seals are equal files.
  public var seal: Digest
  /// How many results are in it, the artifact's included.
  public var results: Int
  /// Of an import: how many of them the cache did not have.
  public var new = 0
  /// The size of the file, in bytes.
  public var bytes: Int
  /// Of an import: the run that stands for it.
  public var run: RunID?
}
