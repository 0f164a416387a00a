import Artifacts

/// Asks a hub, and follows where it points.
///
/// Redirects are followed by hand: the token goes to the endpoint's own scheme, host and port and nowhere else, and never
/// unencrypted to another machine.
public struct HubClient: Sendable {
  public let settings: HubSettings
  let endpoint: HubURL
  let transport: any HubTransport
  let patience: HubPatience

  private static let redirects = 10

  /// - Parameter transport: nil takes libcurl.
  /// - Throws: `hub.endpoint`.
  public init(
    _ settings: HubSettings, transport: (any HubTransport)? = nil, patience: HubPatience = HubPatience()
  ) throws(RetortError) {
    guard let endpoint = HubURL(settings.endpoint) else {
      throw refusal("hub.endpoint", "“\(settings.endpoint)” is no address of a hub.", field: "HF_ENDPOINT")
    }
    (self.settings, self.endpoint, self.patience) = (settings, endpoint, patience)
    self.transport = transport ?? CurlTransport(certificates: settings.certificates)
  }

  func url(_ path: String) throws(RetortError) -> HubURL {
    guard let url = HubURL(settings.endpoint + path) else {
      throw refusal("hub.endpoint", "“\(settings.endpoint)” is no address of a hub.", field: "HF_ENDPOINT")
    }
    return url
  }

  /// Sends a request, to wherever redirects lead, and returns the last answer's head.
  ///
  /// - Parameters:
  ///   - leavesHub: false stops at a redirect to another server, and returns that.
  ///   - receive: gets the last answer; false ends it.
  /// - Throws: `HubConnectionError`, `hub.redirects`, `hub.downgrade`, and what `receive` throws.
  func exchange(
    _ method: HubRequest.Method, _ start: HubURL, headers: [String: String] = [:], leavesHub: Bool = true,
    receive: (HubEvent) throws -> Bool
  ) throws -> HubResponse {
    var url = start
    for _ in 0...Self.redirects {
      var answer: HubResponse?
      var next: HubURL?
      try transport.send(HubRequest(method, url, headers: headers.merging(ownHeaders(for: url)) { _, own in own })) {
        event in
        if case .head(let response) = event {
          answer = response
          if let location = response.location {
            let target = try redirect(from: url, to: location)
            if leavesHub || target.isSameOrigin(as: endpoint) {
              next = target
              return false
            }
          }
        }
        return try receive(event)
      }
      guard let answer else { throw HubConnectionError("no answer") }
      guard let next else { return answer }
      url = next
    }
    throw refusal(
      "hub.redirects", "It redirects again and again, \(Self.redirects) times at least.", at: start.text,
      remedy: "Check HF_ENDPOINT, or try again later.")
  }

  private func ownHeaders(for url: HubURL) -> [String: String] {
    var headers = ["User-Agent": "retort"]
    if let token = settings.token, url.isSameOrigin(as: endpoint), url.isPrivate {
      headers["Authorization"] = "Bearer \(token)"
    }
    return headers
  }

  private func redirect(from url: HubURL, to location: String) throws(RetortError) -> HubURL {
    var location = location
    // A mirror that repeats the hub's own redirects means itself.
    let standard = HubSettings.standardEndpoint
    if settings.endpoint != standard, location.hasPrefix("\(standard)/") {
      location = settings.endpoint + location.dropFirst(standard.count)
    }
    guard let target = url.following(location) else {
      throw refusal(
        "hub.redirects", "It redirects to “\(RetortError.quoted(location))”, which is no address.", at: url.text)
    }
    guard url.scheme == "http" || target.scheme == "https" else {
      throw refusal(
        "hub.downgrade", "It redirects from an encrypted connection to an open one (\(target.host)).", at: url.text,
        remedy: "Check HF_ENDPOINT; nothing was sent there.")
    }
    return target
  }
}

extension HubClient {
  /// Does something until it works, `patience.attempts` times without progress at the most.
  ///
  /// - Parameters:
  ///   - subject: what it is about, for the error.
  ///   - check: called while it waits; what it throws ends it.
  ///   - body: throws `HubConnectionError` or `HubRetry` for what may go better later; returns through `progress` whether
  ///     it came closer to its end.
  func trying<Result>(
    _ subject: String, check: () throws -> Void, _ body: (_ progress: inout Bool) throws -> Result
  ) throws -> Result {
    guard !settings.isOffline else {
      throw refusal(
        "hub.offline", "\(subject) is not here, and HF_HUB_OFFLINE forbids to fetch it.",
        remedy: "Unset HF_HUB_OFFLINE, or give a folder.")
    }
    var failures = 0
    while true {
      var progress = false
      let (failure, asked): (RetortError, Double?)
      do {
        return try body(&progress)
      } catch let error as HubConnectionError {
        (failure, asked) = (.unreachable(subject, endpoint, error), nil)
        guard error.isTransient else { throw failure }
      } catch let error as HubRetry {
        (failure, asked) = (error.failure, error.seconds)
      }
      failures = progress ? 1 : failures + 1
      guard failures < patience.attempts else { throw failure }
      if let asked, asked > patience.longestAsked { throw failure }
      try patience.pause(asked ?? patience.wait(after: failures), check: check)
    }
  }
}

/// A failure after which the same request may succeed.
struct HubRetry: Error {
  /// What is thrown when no attempt is left.
  var failure: RetortError
  /// What the server asks to wait.
  var seconds: Double?
}
