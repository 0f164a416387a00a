import Artifacts

/// A model on a hub: `OWNER/NAME`, or `NAME` alone for those without an owner.
public struct HubRepository: Hashable, Sendable, CustomStringConvertible {
  public let description: String

  /// - Throws: `hub.name` for what cannot be the name of a model.
  public init(_ text: String) throws(RetortError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy(Self.isName), text.utf8.count <= 200, !text.hasSuffix(".git")
    else {
      throw refusal(
        "hub.name", "“\(text)” is not the name of a model on a hub.",
        remedy: "Write OWNER/NAME, such as sentence-transformers/all-MiniLM-L6-v2.")
    }
    description = text
  }

  /// The last part, which names folders.
  public var name: String { String(description.split(separator: "/").last ?? "") }

  /// One name for a folder: `OWNER--NAME`, which no other repository has, for names hold no `--`.
  var folderName: String { description.replacing("/", with: "--") }

  private static func isName(_ part: Substring) -> Bool {
    guard let first = part.utf8.first, let last = part.utf8.last else { return false }
    let marks = [UInt8(ascii: "-"), UInt8(ascii: ".")]
    return !marks.contains(first) && !marks.contains(last) && !part.contains("--") && !part.contains("..")
      && part.utf8.allSatisfy { isWordByte($0) || marks.contains($0) }
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
    default: false
    }
  }
}

extension HubRepository {
  /// Reads `OWNER/NAME@REVISION`; without a revision it is `main`.
  ///
  /// - Throws: `hub.name`, `hub.revision`.
  public static func parse(_ text: String) throws(RetortError) -> (repository: HubRepository, revision: String) {
    guard let mark = text.firstIndex(of: "@") else { return (try HubRepository(text), "main") }
    let revision = String(text[text.index(after: mark)...])
    try check(revision: revision)
    return (try HubRepository(String(text[..<mark])), revision)
  }

  /// - Throws: `hub.revision` for what git would not take as a branch, a tag or a commit.
  public static func check(revision: String) throws(RetortError) {
    let isSound =
      (1...200).contains(revision.utf8.count) && !revision.contains("..") && !revision.hasPrefix("-")
      && !revision.hasPrefix("/") && !revision.hasSuffix("/") && revision != "."
      && revision.unicodeScalars.allSatisfy {
        $0.value > 0x20 && $0.value != 0x7F && !"~^:?*[\\@".unicodeScalars.contains($0)
      }
    guard isSound else {
      throw refusal(
        "hub.revision", "“\(revision)” is not a revision.",
        remedy: "Name a branch such as main, a tag, or a commit by its 40 hexadecimal digits.")
    }
  }

  /// Whether a revision names one commit for ever.
  public static func isCommit(_ revision: String) -> Bool {
    revision.utf8.count == 40
      && revision.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
