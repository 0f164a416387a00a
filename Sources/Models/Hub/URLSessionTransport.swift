import Dispatch
import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Requests by Foundation's `URLSession`, the only file of the project that opens connections.
///
/// Foundation puts what arrives into a queue without a limit. Here its callbacks run at once, on the network's own thread,
/// which then waits for the reader: so memory stays bounded, whatever a server sends.
public final class URLSessionTransport: HubTransport {
  /// Seconds without a byte after which a connection counts as broken.
  private let patience: Double

  /// - Parameter patience: whole seconds, which is what Foundation counts on Linux.
  public init(patience: Int = 30) { self.patience = Double(max(1, patience)) }

  public func send(_ request: HubRequest, receive: (HubEvent) throws -> Bool) throws {
    guard let url = URL(string: request.url.text) else {
      throw HubConnectionError("“\(request.url.text)” is no address", isTransient: false)
    }
    var native = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: patience)
    native.httpMethod = request.method.rawValue
    // A compressed body would have another length than the file.
    native.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    for (name, value) in request.headers { native.setValue(value, forHTTPHeaderField: name) }

    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = patience
    configuration.urlCache = nil
    configuration.httpCookieStorage = nil
    configuration.httpShouldSetCookies = false
    let handOver = HandOver()
    let session = URLSession(configuration: configuration, delegate: handOver, delegateQueue: ImmediateQueue())
    defer { session.finishTasksAndInvalidate() }
    let task = session.dataTask(with: native)
    task.resume()
    do {
      while let event = try handOver.next(waiting: 0.1) {
        if try !receive(event) { break }
      }
    } catch {
      handOver.abandon(task)
      throw error
    }
    handOver.abandon(task)
  }
}

/// Runs what it is given on the caller's thread.
private final class ImmediateQueue: OperationQueue, @unchecked Sendable {
  override func addOperation(_ block: @escaping @Sendable () -> Void) { block() }
}

/// Takes events from the network's thread and gives them to the reader's, a few at a time.
private final class HandOver: NSObject, URLSessionDataDelegate, Sendable {
  private struct State {
    var events: [HubEvent] = []
    var end: Result<Void, HubConnectionError>?
    var isAbandoned = false
  }

  private let state = Mutex(State())
  /// Raised for each event and at the end.
  private let filled = DispatchSemaphore(value: 0)
  /// How many more events may wait.
  private let free = DispatchSemaphore(value: 0)

  override init() {
    super.init()
    // Raised here: a semaphore must not end below the value that it was made with.
    for _ in 0..<8 { free.signal() }
  }

  // MARK: The reader's side

  /// The next event; nil at the end.
  func next(waiting seconds: Double) throws -> HubEvent? {
    guard filled.wait(timeout: .now() + seconds) == .success else { return .idle }
    let (event, end) = state.withLock { state in
      (state.events.isEmpty ? nil : state.events.removeFirst(), state.end)
    }
    if let event {
      free.signal()
      return event
    }
    try end?.get()
    return nil
  }

  /// Lets go of a request: what still comes is dropped.
  func abandon(_ task: URLSessionTask) {
    let isOver = state.withLock { state in
      state.isAbandoned = true
      state.events = []
      return state.end != nil
    }
    guard !isOver else { return }
    free.signal()
    // The network's thread may stand in one of the callbacks below, and cancelling waits for it.
    DispatchQueue.global().async { task.cancel() }
  }

  // MARK: The network's side

  private func put(_ event: HubEvent) {
    guard !state.withLock({ $0.isAbandoned }) else { return }
    free.wait()
    let isWanted = state.withLock { state in
      if !state.isAbandoned { state.events.append(event) }
      return !state.isAbandoned
    }
    if isWanted { filled.signal() } else { free.signal() }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    completionHandler(nil)
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    var headers: [String: String] = [:]
    let http = response as? HTTPURLResponse
    for (name, value) in http?.allHeaderFields ?? [:] {
      if let name = name as? String, let value = value as? String { headers[name] = value }
    }
    put(.head(HubResponse(status: http?.statusCode ?? 0, headers: headers)))
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    put(.body([UInt8](data)))
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    state.withLock { $0.end = error.map { .failure(HubConnectionError($0)) } ?? .success(()) }
    filled.signal()
  }
}

extension HubConnectionError {
  fileprivate init(_ error: any Error) {
    let code = (error as? URLError)?.code ?? URLError.Code(rawValue: (error as NSError).code)
    var text = (error as NSError).userInfo[NSLocalizedDescriptionKey] as? String ?? ""
    switch code {
    case .timedOut: text = "no answer in time"
    case .cancelled: text = "cancelled"
    default: if text.isEmpty { text = "network error \((error as NSError).code)" }
    }
    let isLasting: Bool =
      switch code {
      case .unsupportedURL, .badURL, .serverCertificateUntrusted, .serverCertificateHasBadDate,
        .serverCertificateHasUnknownRoot, .secureConnectionFailed:
        true
      // On Linux it comes as text alone: a certificate of somebody else, or of nobody.
      default: text.hasPrefix("SSL")
      }
    self.init(text, isTransient: !isLasting)
  }
}
