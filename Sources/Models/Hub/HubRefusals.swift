import Artifacts

extension HubClient {
  /// Throws unless an answer is a success.
  ///
  /// - Throws: `HubRetry` for what may go better later; the refusals that `snapshot` lists for everything else.
  func requireSuccess(
    _ head: HubResponse, of repository: HubRepository, revision: String, file: String? = nil
  ) throws {
    switch head.status {
    case 200..<300: return
    case 408, 425, 429, 500..<600:
      let seconds = HubPatience.seconds(head["Retry-After"])
      throw HubRetry(failure: busy(head, seconds), seconds: seconds)
    default: throw refused(head, repository, revision, file)
    }
  }

  private func busy(_ head: HubResponse, _ seconds: Double?) -> RetortError {
    let wait = seconds.map { " and asks to wait \(Int(min($0, 1e9).rounded(.up))) s" } ?? ""
    return RetortError(
      "hub.busy", "The hub answered \(head.status)\(wait).",
      remedy: head.status == 429
        ? "Try again later; with HF_TOKEN set a hub allows more." : "Try again later; what has arrived is kept.",
      at: Place(file: settings.endpoint), blame: .environment, isTransient: true)
  }

  private func refused(
    _ head: HubResponse, _ repository: HubRepository, _ revision: String, _ file: String?
  ) -> RetortError {
    let code = head["X-Error-Code"] ?? ""
    let said = head["X-Error-Message"].map { " It says: “\(RetortError.quoted($0))”." } ?? ""
    let place = settings.endpoint
    let hasToken = settings.token != nil && endpoint.isPrivate
    switch (head.status, code) {
    case (_, "GatedRepo"), (403, _):
      return refusal(
        "hub.gated", "\(repository) may be downloaded only by those to whom its owner gave access.\(said)", at: place,
        remedy: "Ask for access at \(settings.endpoint)/\(repository), then set HF_TOKEN to a token of that account"
          + (hasToken ? " (the present one has no access)." : "."))
    case (404, "RevisionNotFound"):
      return refusal(
        "hub.no-revision", "\(repository) has no revision “\(revision)”.", at: place,
        remedy: "Check the branch, tag or commit at \(settings.endpoint)/\(repository)/commits/main.")
    case (404, "EntryNotFound"),
      (404, _) where file != nil && code != "RepoNotFound":
      return refusal(
        "hub.no-file", "\(repository)@\(revision) has no file “\(file ?? "")”.", at: place, field: file,
        remedy: "Check its list of files.")
    case (401, _) where hasToken && code != "RepoNotFound":
      return refusal(
        "hub.unauthorised", "The hub does not accept the token.\(said)", at: place,
        remedy: "Set HF_TOKEN to a valid token, or unset it for public models.")
    case (401, _), (404, _):
      return refusal(
        "hub.no-repository", "There is no model \(repository), or not for \(hasToken ? "this account" : "everybody").",
        at: place,
        remedy: hasToken
          ? "Check the name, and that the token in HF_TOKEN may read it."
          : settings.token == nil
            ? "Check the name; for a private model set HF_TOKEN to a token that may read it."
            : "Check the name. The token was not sent, for this connection is not encrypted.")
    default:
      return refusal("hub.refused", "The hub answered \(head.status).\(said)", at: place, remedy: "Check HF_ENDPOINT.")
    }
  }
}

extension RetortError {
  static func unreachable(_ subject: String, _ endpoint: HubURL, _ error: HubConnectionError) -> RetortError {
    RetortError(
      "hub.unreachable", "\(subject) cannot be fetched: \(quoted(error.reason)).",
      remedy: error.remedy
        ?? (error.reason.contains("certificate")
          ? "Name the certificates to trust, a file in PEM, in SSL_CERT_FILE."
          : "Check the connection (and HF_ENDPOINT), then run again: what has arrived is kept."),
      at: Place(file: endpoint.text), blame: .environment, isTransient: error.isTransient)
  }

  /// Foreign text on one short line.
  static func quoted(_ text: String) -> String {
    let plain = text.unicodeScalars.prefix(200).map { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) ? " " : $0 }
    var result = ""
    result.unicodeScalars.append(contentsOf: plain)
    return result
  }
}
