import Artifacts
import FoundationEssentials

/// What the environment says of hubs, by the variables that Hugging Face's own tools read.
public struct HubSettings: Sendable {
  /// Where the hub answers, without a slash at the end.
  public var endpoint: String
  /// Sent to the endpoint alone.
  public var token: String?
  /// Nothing may be asked for over the network.
  public var isOffline: Bool
  public var showsProgress: Bool
  /// Where models are kept that pipelines import by name.
  public var folder: FilePath
  /// Certificates that are trusted instead of the system's, a file in PEM or a folder; nil trusts the system's.
  public var certificates: FilePath?

  public static let standardEndpoint = "https://huggingface.co"

  public init(
    endpoint: String = standardEndpoint, token: String? = nil, isOffline: Bool = false, showsProgress: Bool = true,
    folder: FilePath
  ) {
    (self.endpoint, self.token, self.isOffline, self.showsProgress) = (endpoint, token, isOffline, showsProgress)
    self.folder = folder
  }

  /// Reads `HF_ENDPOINT`, `HF_TOKEN`, `HF_TOKEN_PATH`, `HF_HOME`, `HF_HUB_OFFLINE`, `HF_HUB_DISABLE_PROGRESS_BARS`,
  /// `HF_HUB_DISABLE_IMPLICIT_TOKEN`, `XDG_CACHE_HOME`, `RETORT_HUB_CACHE`, and `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE` or
  /// `SSL_CERT_FILE`, the first that is set.
  ///
  /// - Throws: `hub.endpoint` for an endpoint that is no address.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    func value(_ name: String) -> String? {
      environment[name].map { $0.trimmed }.flatMap { $0.isEmpty ? nil : $0 }
    }
    func flag(_ name: String) -> Bool { ["1", "ON", "YES", "TRUE"].contains(value(name)?.uppercased() ?? "") }
    endpoint = value("HF_ENDPOINT") ?? Self.standardEndpoint
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    guard let url = HubURL(endpoint), !url.path.contains("?") else {
      throw refusal(
        "hub.endpoint", "“\(endpoint)” is no address of a hub.", field: "HF_ENDPOINT",
        remedy: "Set HF_ENDPOINT to an address such as \(Self.standardEndpoint), or unset it.")
    }
    let home = value("HOME").map { FilePath($0) } ?? FilePath(FileManager.default.homeDirectoryForCurrentUser.path)
    let caches = value("XDG_CACHE_HOME").map { FilePath($0) } ?? home.appending(".cache")
    folder = value("RETORT_HUB_CACHE").map { FilePath($0) } ?? caches.appending("retort").appending("hub")
    certificates = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"].lazy.compactMap(value).first.map {
      FilePath($0)
    }
    isOffline = flag("HF_HUB_OFFLINE")
    showsProgress = !flag("HF_HUB_DISABLE_PROGRESS_BARS")
    if flag("HF_HUB_DISABLE_IMPLICIT_TOKEN") { return }
    let hub = value("HF_HOME").map { FilePath($0) } ?? caches.appending("huggingface")
    let file = value("HF_TOKEN_PATH").map { FilePath($0) } ?? hub.appending("token")
    token = value("HF_TOKEN") ?? Self.token(in: file)
  }

  /// A token is one short line; anything else in the file is none.
  private static func token(in file: FilePath) -> String? {
    guard let bytes = try? contents(of: file, limit: 4096) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).trimmed
    return text.isEmpty || text.contains(where: \.isWhitespace) ? nil : text
  }
}
