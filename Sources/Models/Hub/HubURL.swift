/// An address of a hub or of where it sends its files, as far as redirects and tokens need it.
public struct HubURL: Sendable, Hashable {
  /// The whole address, without a fragment.
  public let text: String
  /// `http` or `https`.
  public let scheme: String
  /// In lower case, without a port.
  public let host: String
  public let port: Int
  /// From the first slash after the host on; empty where there is none.
  let path: Substring

  /// Reads an absolute address; nil for other schemes, user names, and what has spaces or control characters.
  public init?(_ text: String) {
    let text = String(text.prefix { $0 != "#" })
    guard text.utf8.count <= 16_384, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }),
      let colon = text.firstRange(of: "://")
    else { return nil }
    let scheme = text[..<colon.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https" else { return nil }
    let rest = text[colon.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    guard !authority.isEmpty, !authority.contains("@") else { return nil }
    var host = authority
    var port = scheme == "https" ? 443 : 80
    if let mark = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
      guard let number = Int(authority[authority.index(after: mark)...]), (1...65_535).contains(number) else {
        return nil
      }
      (host, port) = (authority[..<mark], number)
    }
    guard !host.isEmpty else { return nil }
    (self.text, self.scheme, self.host, self.port) = (text, scheme, host.lowercased(), port)
    path = rest.dropFirst(authority.count)
  }

  /// Where a `Location` leads from here; nil where it leads nowhere.
  func following(_ location: String) -> HubURL? {
    // A query may hold an address of its own.
    let start = location.prefix { !"/?#".contains($0) }
    if start.hasSuffix(":"), location.dropFirst(start.count).hasPrefix("//") { return HubURL(location) }
    if location.hasPrefix("//") { return HubURL("\(scheme):\(location)") }
    if location.hasPrefix("/") { return HubURL(root + location) }
    let folder = path.prefix { $0 != "?" }.lastIndex(of: "/").map { path[...$0] } ?? "/"
    return HubURL(root + folder + location)
  }

  /// Scheme, host and port.
  private var root: String { String(text.dropLast(path.count)) }

  /// Whether both are of one server, so that what one may know the other may.
  func isSameOrigin(as other: HubURL) -> Bool { (scheme, host, port) == (other.scheme, other.host, other.port) }

  /// Whether nobody on the way can read what is sent: TLS, or this machine.
  var isPrivate: Bool {
    scheme == "https" || host == "localhost" || host == "[::1]"
      || (host.hasPrefix("127.") && !host.contains { $0.isLetter })
  }

  /// Everything but letters, digits and `-._~` as `%XX`: one part of a path.
  static func escaped(_ part: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in part.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
