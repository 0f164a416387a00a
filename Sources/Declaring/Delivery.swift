/// A stage whose output also goes to a folder of the user's.
///
/// The output is stored like any other. After every run in which the destination differs from it, the engine restores the
/// destination: it writes a manifest (path, digest) there first, may replace what a manifest lists, whichever cache wrote
/// it, and touches no other file.
public protocol Delivering: Stage where Output: FolderArtifact {
  var destination: Destination { get }

  /// Files that say what is delivered, such as a model card. They are made of what a run knows when it delivers, belong to
  /// no artifact, and never replace what somebody else wrote or changed.
  func notes(on account: DeliveryAccount) throws -> [DeliveryNote]
}

extension Delivering {
  public func notes(on account: DeliveryAccount) throws -> [DeliveryNote] { [] }
}

/// A folder to write to. It is no part of any key: where a result goes does not change what it is.
public struct Destination: Hashable, Sendable, CanonicallyEncodable, Decodable, ExpressibleByStringLiteral {
  public var path: FilePath

  public init(_ path: String) { self.path = FilePath(path) }
  public init(stringLiteral value: String) { self.init(value) }

  public func encodeCanonically(into slot: CanonicalSlot) { slot.writeNil() }

  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    var container = encoder.singleValueContainer()
    try container.encode(path.string)
  }
}
