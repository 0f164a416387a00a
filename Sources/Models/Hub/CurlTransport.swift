import Artifacts
import CTransfers

/// Requests by the system's libcurl, the only file of the project that opens connections.
///
/// The library hands over what arrives on the caller's own thread: memory stays bounded, whatever a server sends. It is
/// loaded at the first request.
public struct CurlTransport: HubTransport {
  /// Seconds without a byte after which a connection counts as broken.
  private let patience: Double
  /// Trusted certificates, a file in PEM or a folder; empty takes the system's.
  private let certificates: String

  /// - Parameter certificates: the trusted ones, a file in PEM or a folder; nil takes those that libcurl was built with.
  public init(patience: Double = 30, certificates: FilePath? = nil) {
    (self.patience, self.certificates) = (patience, certificates?.string ?? "")
  }

  public func send(_ request: HubRequest, receive: (HubEvent) throws -> Bool) throws {
    // A compressed body would have another length than the file.
    let headers = request.headers.merging(["Accept-Encoding": "identity"]) { given, _ in given }
    let lines = headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    for text in lines where text.utf8.count > 8000 || text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      throw HubConnectionError(
        "the header “\(text.prefix { $0 != ":" })” is too long or holds control characters", isTransient: false)
    }
    try withoutActuallyEscaping(receive) { receive in
      let reception = Reception(receive)
      var message = [CChar](repeating: 0, count: 512)
      let end = perform(request, headers: lines.joined(separator: "\n"), by: reception, message: &message)
      if let error = reception.error { throw error }
      let reason = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      switch end {
      case RETORT_TRANSFER_DONE, RETORT_TRANSFER_STOPPED: return
      case RETORT_TRANSFER_NO_LIBRARY:
        throw HubConnectionError(
          "libcurl cannot be loaded: \(reason)", isTransient: false,
          remedy: "Install libcurl 7.66 or newer; Debian's package is libcurl4.")
      default: throw HubConnectionError(reason, isTransient: end != RETORT_TRANSFER_REFUSED)
      }
    }
  }

  private func perform(
    _ request: HubRequest, headers: String, by reception: Reception, message: inout [CChar]
  ) -> retort_transfer_end {
    request.url.text.withCString { url in
      headers.withCString { headers in
        certificates.withCString { certificates in
          var native = retort_transfer_request(
            url: url, headers: headers, is_head: request.method == .head ? 1 : 0, patience: patience,
            is_local: request.url.scheme == "http" && request.url.isPrivate ? 1 : 0, certificates: certificates)
          return withExtendedLifetime(reception) {
            var receiver = reception.receiver
            return retort_transfer(&native, &receiver, &message, message.count)
          }
        }
      }
    }
  }
}

/// Turns what libcurl calls for into events.
private final class Reception {
  private let receive: (HubEvent) throws -> Bool
  private var headers: [String: String] = [:]
  /// What `receive` threw.
  private(set) var error: (any Error)?

  init(_ receive: @escaping (HubEvent) throws -> Bool) { self.receive = receive }

  var receiver: retort_transfer_receiver {
    retort_transfer_receiver(
      context: Unmanaged.passUnretained(self).toOpaque(),
      idle: { Reception.at($0).give(.idle) },
      header: { Reception.at($0).line(UnsafeRawBufferPointer(start: $1, count: $2)) },
      head: { Reception.at($0).head(status: Int($1)) },
      body: { Reception.at($0).give(.body([UInt8](UnsafeRawBufferPointer(start: $1, count: $2)))) })
  }

  private static func at(_ context: UnsafeMutableRawPointer?) -> Reception {
    Unmanaged<Reception>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
  }

  /// 0 where the receiver wants more.
  private func give(_ event: HubEvent) -> Int32 {
    do {
      return try receive(event) ? 0 : 1
    } catch {
      self.error = error
      return 1
    }
  }

  private func line(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    // A status line begins a head: what an interim answer said is over.
    if bytes.starts(with: "HTTP/".utf8) {
      headers = [:]
      return 0
    }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return 0 }
    let name = String(decoding: bytes[..<colon], as: UTF8.self)
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    var value = bytes[(colon + 1)...].drop(while: isBlank)
    while let last = value.last, isBlank(last) { value.removeLast() }
    headers[name.lowercased()] = String(decoding: value, as: UTF8.self)
    return 0
  }

  private func head(status: Int) -> Int32 { give(.head(HubResponse(status: status, headers: headers))) }
}
