import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A server on this machine that says exactly what a test wants, well-formed or not. A connection takes one request.
public final class LoopbackServer: Sendable {
  public struct Request: Sendable {
    public var method: String
    /// The path with its query, as it was sent.
    public var target: String
    /// By names in lower case.
    public var headers: [String: String]

    public var path: String { String(target.prefix { $0 != "?" }) }
    /// The first byte that is asked for; nil for all.
    public var firstByte: Int? {
      headers["range"].flatMap { $0.hasPrefix("bytes=") ? Int($0.dropFirst(6).prefix { $0 != "-" }) : nil }
    }
  }

  /// What goes over the wire, in order; then the connection is closed.
  public enum Step: Sendable {
    case text(String)
    case bytes([UInt8])
    case wait(seconds: Double)
  }

  public let port: UInt16
  private let listener: Int32
  private let answer: @Sendable (Request) -> [Step]
  private let log = Mutex<[Request]>([])

  /// All requests so far.
  public var requests: [Request] { log.withLock { $0 } }
  public var address: String { "http://127.0.0.1:\(port)" }

  public init(_ answer: @escaping @Sendable (Request) -> [Step]) throws {
    self.answer = answer
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    listener = socket(AF_INET, stream, 0)
    guard listener >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let result = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        let bound = bind(listener, address, length)
        return bound != 0 || listen(listener, 64) != 0 ? -1 : getsockname(listener, address, &length)
      }
    }
    guard result == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    port = UInt16(bigEndian: place.sin_port)
    // What the client hangs up on must not end the tests.
    signal(SIGPIPE, SIG_IGN)
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        // A signal to the tests, or a client that has gone again, is no reason to stop.
        if connection < 0, errno == EINTR || errno == ECONNABORTED { continue }
        guard connection >= 0 else { return }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        guard let self else {
          _ = close(connection)
          return
        }
        Thread.detachNewThread { self.serve(connection) }
      }
    }
  }

  deinit {
    _ = shutdown(listener, Int32(SHUT_RDWR))
    _ = close(listener)
  }

  private func serve(_ connection: Int32) {
    defer { _ = close(connection) }
    guard let request = Self.read(from: connection) else { return }
    log.withLock { $0.append(request) }
    for step in answer(request) {
      switch step {
      case .text(let text): guard Self.write(Array(text.utf8), to: connection) else { return }
      case .bytes(let bytes): guard Self.write(bytes, to: connection) else { return }
      case .wait(let seconds): Thread.sleep(forTimeInterval: seconds)
      }
    }
    // Closing with something unread would reset the connection, and lose what is on its way.
    _ = shutdown(connection, Int32(SHUT_WR))
    var rest = [UInt8](repeating: 0, count: 512)
    while recv(connection, &rest, rest.count, 0) > 0 {}
  }

  private static func read(from connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < 65_536, bytes.suffix(4) != [13, 10, 13, 10] {
      guard recv(connection, &byte, 1, 0) == 1 else { return nil }
      bytes.append(byte)
    }
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ").map(String.init)
    guard words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return Request(method: words[0], target: words[1], headers: headers)
  }

  private static func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { send(connection, $0.baseAddress, $0.count, 0) }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }
}

extension [LoopbackServer.Step] {
  /// An answer with a true length.
  public static func answer(
    _ status: Int, headers: [String: String] = [:], _ body: [UInt8] = [], isHead: Bool = false
  ) -> [LoopbackServer.Step] {
    var headers = headers
    if headers["Content-Length"] == nil, headers["Transfer-Encoding"] == nil {
      headers["Content-Length"] = "\(body.count)"
    }
    headers["Connection"] = "close"
    let lines = headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
    return [.text("HTTP/1.1 \(status) Status\r\n\(lines)\r\n"), .bytes(isHead ? [] : body)]
  }
}
