import Artifacts

/// What a repository holds at one commit.
public struct HubSnapshot: Sendable, Hashable {
  public var repository: HubRepository
  /// What was asked for: a branch, a tag or a commit.
  public var revision: String
  /// The commit that the revision means, as 40 hexadecimal digits.
  public var commit: String
  public var files: [HubFile]
}

/// A file of a repository: what it must have when it has arrived.
public struct HubFile: Sendable, Hashable {
  /// The path in the repository, with slashes.
  public var name: String
  /// Nil while the hub has not said it.
  public var bytes: Int?
  public var digest: HubDigest?

  /// What is believed of a hub; 32 TiB, so that sums of many are numbers.
  static let sizes = 0...(1 << 45)

  public init(_ name: String, bytes: Int? = nil, digest: HubDigest? = nil) {
    (self.name, self.bytes, self.digest) = (name, bytes, digest)
  }
}

/// By what a hub names the content of a file.
public enum HubDigest: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Of large files.
  case sha256(Digest)
  /// Of the others: the name that git has for them.
  case git(GitBlobName)

  /// Reads 64 or 40 hexadecimal digits, as in an `ETag`; nil for anything else.
  public init?(tag: String) {
    var text = Substring(tag)
    if text.hasPrefix("W/") { text = text.dropFirst(2) }
    if text.hasPrefix("\""), text.hasSuffix("\""), text.utf8.count >= 2 { text = text.dropFirst().dropLast() }
    if let digest = Digest(hex: text) {
      self = .sha256(digest)
    } else if let name = GitBlobName(hex: text) {
      self = .git(name)
    } else {
      return nil
    }
  }

  /// The digits.
  public var description: String {
    switch self {
    case .sha256(let digest): digest.hex
    case .git(let name): name.hex
    }
  }

  /// Whether a file has this content.
  func matches(_ path: FilePath) throws -> Bool {
    switch self {
    case .sha256(let digest): try Files.digest(of: path).digest == digest
    case .git(let name): try Files.gitName(of: path) == name
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let digest = HubDigest(tag: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "It is no digest.")
    }
    self = digest
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension HubSnapshot {
  /// Reads the hub's answer about a revision.
  ///
  /// - Throws: `hub.answer` for anything that no hub would say.
  init(_ repository: HubRepository, revision: String, answer: [UInt8]) throws(RetortError) {
    let document: JSONValue
    do {
      document = try JSONValue(parsing: answer)
    } catch {
      throw .strangeAnswer("it is no JSON (\(error.reason))")
    }
    guard let commit = document["sha"]?.text, HubRepository.isCommit(commit) else {
      throw .strangeAnswer("it names no commit")
    }
    guard case .array(let siblings)? = document["siblings"] else { throw .strangeAnswer("it lists no files") }
    (self.repository, self.revision, self.commit) = (repository, revision, commit)
    files = []
    for sibling in siblings {
      guard let name = sibling["rfilename"]?.text else { throw .strangeAnswer("it lists a file without a name") }
      let large = sibling["lfs"]
      let tag = large?["sha256"]?.text ?? sibling["blobId"]?.text
      let bytes = large?["size"]?.integer ?? sibling["size"]?.integer
      files.append(
        HubFile(
          name, bytes: bytes.flatMap { HubFile.sizes.contains($0) ? $0 : nil },
          digest: tag.flatMap(HubDigest.init(tag:))))
    }
  }
}

extension RetortError {
  static func strangeAnswer(_ why: String) -> RetortError {
    refusal(
      "hub.answer", "What answers there is no hub: \(why).", field: "HF_ENDPOINT",
      remedy: "Set HF_ENDPOINT to a hub's address, or unset it for \(HubSettings.standardEndpoint).")
  }
}
