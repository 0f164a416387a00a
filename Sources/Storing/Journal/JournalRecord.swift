import Artifacts
import FoundationEssentials

/// Something that happened to a cache. The index is the sum of them.
enum JournalRecord {
  /// A run began.
  case began(RunID, StoredRequest, steps: Digest)
  /// The steps of runs, stored once however many runs have them.
  case steps(Digest, [UInt8])
  /// A run ended and said so.
  case finished(RunID, RunOutcome, at: Double, steps: Digest, ran: Int, cached: Int, failed: Int)
  /// A key is about to be computed.
  case attempt(Key, StageIdentity, recipe: [UInt8])
  /// Content that executions after this record refer to.
  case content(Digest, StoredContent)
  /// A key was computed: from the append of this record on.
  case executed(ExecutionEntry)
  case failed(Failure)
  /// A run found these keys cached on its way, or began to compute them.
  case pinned(RunID, [Key])
  /// A collection or a quarantine took these away.
  case forgotten([ExecutionName], contents: [Digest])
  /// Records stood here that were damaged: a repair keeps their place, so that all others keep their offsets.
  case lost(bytes: Int)
}

/// Names one of the executions of a key.
struct ExecutionName: Hashable, Sendable {
  var key: Key
  var id: Int64
}

/// An execution with where its content lies. Its id is the offset of its record in the journal.
struct ExecutionEntry: Sendable {
  var key: Key
  var stage: StageIdentity
  var run: RunID
  var details: ExecutionDetails
  var outputs: [OutputEntry]
}

struct OutputEntry: Sendable, Hashable {
  var port: String
  var record: ArtifactRecord
  var form: ContentForm
}

/// Where an artifact's bytes are.
enum ContentForm: UInt8, Sendable {
  /// In the index and the journal.
  case inline = 0
  /// One file in `objects`.
  case file = 1
  /// A folder in `objects`.
  case folder = 2
}

/// The bytes of small content, or the manifest of a folder; empty for a file.
struct StoredContent: Sendable {
  var form: ContentForm
  var bytes: Int
  var data: [UInt8]

  func isInline(upTo limit: Int) -> Bool { form == .inline && bytes <= limit }
}
