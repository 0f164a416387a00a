import Crypto

/// The name that git gives to a file's content: SHA-1 over a header with its length, and the content.
///
/// It tells an honest copy from a broken one. Against forgery it is weak: where a hub states a SHA-256, that counts.
public struct GitBlobName: Hashable, Sendable {
  /// 40 hexadecimal digits in lower case.
  public let hex: String

  /// Reads 40 hexadecimal digits in lower case; nil for anything else.
  public init?(hex: some StringProtocol) {
    guard hex.utf8.count == 40, hex.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
      return nil
    }
    self.hex = String(hex)
  }

  fileprivate init(_ digest: Insecure.SHA1.Digest) {
    let digits = Array("0123456789abcdef".utf8)
    hex = String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension Files {
  /// The name that git gives to the content of a file.
  public static func gitName(of path: FilePath) throws -> GitBlobName {
    let file = try OpenFile(path, .reading)
    var hasher = Insecure.SHA1()
    hasher.update(data: Array("blob \(try file.status().bytes)\u{0}".utf8))
    _ = try digest(of: file) { hasher.update(bufferPointer: $0) }
    return GitBlobName(hasher.finalize())
  }
}
