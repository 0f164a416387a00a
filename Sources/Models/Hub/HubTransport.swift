/// Carries single requests to a hub: everything that the rest of the hub's client knows of a network.
public protocol HubTransport: Sendable {
  /// Sends a request and waits for the end of its answer. Redirects are answers like any other.
  ///
  /// - Parameter receive: called on the caller's thread with what happens, in order; false ends the request early. At most
  ///   a few hundred kilobytes wait for it: a slow reader slows the sender down.
  /// - Throws: `HubConnectionError` where the connection fails, and what `receive` throws.
  func send(_ request: HubRequest, receive: (HubEvent) throws -> Bool) throws
}

/// A request without a body.
public struct HubRequest: Sendable, Hashable {
  public enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
  }

  public var method: Method
  public var url: HubURL
  public var headers: [String: String]

  public init(_ method: Method = .get, _ url: HubURL, headers: [String: String] = [:]) {
    (self.method, self.url, self.headers) = (method, url, headers)
  }
}

/// What happens while a request is under way.
public enum HubEvent: Sendable {
  /// Nothing has come for a while: a chance to stop.
  case idle
  /// Status and headers, once, before any body.
  case head(HubResponse)
  /// The next bytes of the body.
  case body([UInt8])
}

/// Status and headers of an answer.
public struct HubResponse: Sendable, Hashable {
  public var status: Int
  /// By names in lower case.
  private var headers: [String: String]

  public init(status: Int, headers: [String: String]) {
    self.status = status
    self.headers = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
  }

  public subscript(header: String) -> String? { headers[header.lowercased()] }

  /// Where a redirect leads; nil for other answers.
  public var location: String? { (300..<400).contains(status) && status != 304 ? self["Location"] : nil }
}

/// A connection that was not made, or broke.
public struct HubConnectionError: Error, Sendable {
  /// In the words of the system.
  public var reason: String
  /// Whether another attempt may go better.
  public var isTransient: Bool

  /// What helps, where that is known here.
  public var remedy: String?

  public init(_ reason: String, isTransient: Bool = true, remedy: String? = nil) {
    (self.reason, self.isTransient, self.remedy) = (reason, isTransient, remedy)
  }
}
