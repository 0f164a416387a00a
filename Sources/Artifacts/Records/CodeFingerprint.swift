/// What the source files behind a stage were when the program was built: a name and a hash each.
///
/// Comments and layout do not count. It is recorded with every execution and no part of a key: `version` is what a stage's
/// author says about its results, this is what can be seen without asking.
public struct CodeFingerprint: Sendable, Hashable, CustomStringConvertible {
  /// The hashes by the file's name; the targets that many stages share are one entry, `shared`.
  public private(set) var hashes: [String: String] = [:]

  public init() {}

  /// - Parameter text: lines `name=hash`, as `description` gives them; others are left out.
  public init(_ text: String) {
    for line in text.split(separator: "\n") {
      guard let sign = line.lastIndex(of: "=") else { continue }
      hashes[String(line[..<sign])] = String(line[line.index(after: sign)...])
    }
  }

  /// With the files of a stage that runs inside.
  public mutating func formUnion(_ other: CodeFingerprint) {
    hashes.merge(other.hashes) { own, theirs in own == theirs ? own : min(own, theirs) + max(own, theirs) }
  }

  public var description: String {
    hashes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
  }

  /// The files that are new, gone or other since, in order.
  public func changes(since other: CodeFingerprint) -> [String] {
    Set(hashes.keys).union(other.hashes.keys).filter { hashes[$0] != other.hashes[$0] }.sorted()
  }
}
