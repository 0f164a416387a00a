import Declaring
import Models
import Synchronization

/// A model on a hub, as an option of a stage. Its key holds the name and the commit, which decide every byte.
struct HubModel: Hashable, Sendable, CanonicallyEncodable, Decodable {
  var name: String
  /// A commit; or a branch or a tag, which means a commit.
  var revision: String

  init(name: String, revision: String) { (self.name, self.revision) = (name, revision) }

  /// The hub, instead of the environment's.
  @TaskLocal static var client: HubClient?

  // MARK: The key

  private struct Pinned: Codable {
    var name: String
    var commit: String
  }

  func encodeCanonically(into slot: CanonicalSlot) throws { try slot.write(Pinned(name: name, commit: commit())) }

  private enum CodingKeys: CodingKey { case name, revision, commit }

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    name = try fields.decode(String.self, forKey: .name)
    // In a recipe it is the commit.
    revision = try fields.decodeIfPresent(String.self, forKey: .commit) ?? fields.decode(String.self, forKey: .revision)
  }

  /// Elsewhere, too, the commit is written: a worker does what was planned, not what the branch means by then.
  func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(name, forKey: .name)
    try fields.encode((try? commit()) ?? revision, forKey: .revision)
  }

  // MARK: The hub

  /// What moving revisions mean to this process, so that running does what was planned.
  private static let known = Mutex<[Question: String]>([:])

  private struct Question: Hashable {
    var endpoint: String
    var folder: FilePath
    var model: HubModel
  }

  private static func cache() throws -> HubCache { HubCache(try client ?? HubClient(HubSettings())) }

  private var repository: HubRepository { get throws { try HubRepository(name) } }

  /// The commit that is imported. The hub is asked for a branch that was never looked up on this machine.
  func commit() throws -> String {
    let repository = try repository
    if HubRepository.isCommit(revision) { return revision }
    let cache = try Self.cache()
    let question = Question(endpoint: cache.endpoint, folder: cache.folder, model: self)
    if let commit = Self.known.withLock({ $0[question] }) { return commit }
    let commit = try cache.commit(of: repository, revision: revision)
    return Self.known.withLock { known in
      known[question] = known[question] ?? commit
      return known[question] ?? commit
    }
  }

  /// The commit of a revision that moves; nil for one that is a commit.
  func movedCommit() throws -> String? { HubRepository.isCommit(revision) ? nil : try commit() }

  /// A folder with the model's `config.json`; nil where it is not here and the hub cannot be reached.
  func configuration() throws -> FilePath? { try Self.cache().configuration(repository, commit: commit()) }

  /// A folder with all of the model.
  func model(progress: (HubProgress) throws -> Void) throws -> FilePath {
    try Self.cache().model(repository, commit: commit(), progress: progress)
  }
}
