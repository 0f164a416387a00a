import Artifacts
import Storing

/// What a name on the command line stands for.
public enum Named: Sendable {
  case run(RunRecord)
  case artifact(Finding)
}

/// An output of an execution, or all of them.
public struct Finding: Sendable {
  /// The label of the step, where a recent run had it.
  public var label: String?
  public var execution: Execution
  /// Nil for all outputs of a bundle.
  public var port: String?
  /// Of the port, or of the whole.
  public var digest: Digest

  /// Nil for the whole of a bundle.
  public var record: ArtifactRecord? { port.flatMap { execution.output($0) } }
}

extension Inspector {
  /// Finds what `text` names: a label (`student`, `task.train` for a bundle's port, `student@12` for what run 12 had), a
  /// run's number, or at least four hexadecimal digits with which an artifact's digest or a key begins.
  ///
  /// - Throws: `RetortError` where nothing or more than one thing has that name.
  public func resolve(_ text: String) throws -> Named {
    let labels = try Labels(cache)
    if let finding = try find(label: text, labels) { return .artifact(finding) }
    var candidates: [(description: String, named: Named)] = []
    if let number = Int64(text), let run = try cache.run(RunID(number)) {
      candidates.append(("run \(number) of “\(run.request.pipeline)”", .run(run)))
    }
    if text.utf8.count >= 4 {
      let (artifacts, keys) = try cache.digests(startingWith: text)
      for digest in artifacts {
        guard let execution = try cache.producers(of: digest).last else { continue }
        let finding = try Finding(execution, digest: digest, labels)
        candidates.append((finding.candidateText, .artifact(finding)))
      }
      for key in keys {
        guard let execution = try cache.history(of: key).last else { continue }
        let finding = try Finding(execution, digest: nil, labels)
        candidates.append(("key \(key.digest.short) of \(finding.candidateText)", .artifact(finding)))
      }
    }
    if let only = candidates.first, candidates.count == 1 { return only.named }
    guard candidates.isEmpty else {
      throw RetortError(
        "name.ambiguous",
        "“\(text)” may be: " + candidates.prefix(10).map(\.description).joined(separator: "; ")
          + (candidates.count > 10 ? "; and more." : "."),
        remedy: "Give more digits.")
    }
    let similar = try labels.similar(to: String(text.prefix { $0 != "@" }))
    throw RetortError(
      "name.unknown", "Nothing in this cache is called “\(text)”.",
      remedy: similar.isEmpty
        ? "“retort runs” lists the runs, “retort show RUN” the labels of one."
        : "Did you mean \(similar.map { "“\($0)”" }.joined(separator: " or "))?")
  }

  /// Finds an artifact; a run is refused.
  public func artifact(_ text: String) throws -> Finding {
    guard case .artifact(let finding) = try resolve(text) else {
      throw RetortError(
        "name.run", "“\(text)” is a run.", remedy: "Name an artifact: a label or the digits of its digest.")
    }
    return finding
  }

  private func find(label text: String, _ labels: Labels) throws -> Finding? {
    guard let at = text.lastIndex(of: "@"), let number = Int64(text[text.index(after: at)...]),
      try labels.place(text) == nil
    else { return try finding(label: text, labels.place) }
    guard let steps = try cache.runSteps(of: RunID(number)) else {
      throw RetortError("name.unknown", "There is no run \(number).", remedy: "“retort runs” lists the runs.")
    }
    let label = String(text[..<at])
    let found = try finding(label: label, isOfRun: true) { label in
      try steps.step(labelled: label).map { Labels.Place(run: steps.run, step: $0) }
    }
    if let found { return found }
    throw RetortError(
      "name.unknown", "Run \(number) has no stage “\(label)”.", remedy: "“retort show \(number)” lists its stages.")
  }

  /// - Parameters:
  ///   - isOfRun: only what the run had counts, not what another one computed for the same recipe.
  ///   - place: finds the step of a label.
  private func finding(
    label text: String, isOfRun: Bool = false, _ place: (String) throws -> Labels.Place?
  ) throws -> Finding? {
    var (label, port) = (text, String?.none)
    var known = try place(text)
    if known == nil, let dot = text.lastIndex(of: ".") {
      (label, port) = (String(text[..<dot]), String(text[text.index(after: dot)...]))
      known = try place(label)
    }
    guard let known else { return nil }
    let history = try known.step.key.map { try cache.history(of: $0) } ?? []
    let recorded = history.first { $0.id == known.step.execution }
    guard let execution = recorded ?? history.last(where: { !isOfRun || $0.run == known.run }) else {
      if let note = try cache.withdrawals().last(where: { $0.key == known.step.key }) {
        throw RetortError(
          "name.withdrawn", "The result of “\(label)” was taken back by an audit: its recipe gave other bytes.",
          remedy: "Run the pipeline again; “retort verify” shows the digests (key \(note.key.digest.short)).",
          at: Place(stage: label))
      }
      throw RetortError(
        "name.no-result", "The stage “\(label)” has no result in this cache.", remedy: "Run the pipeline.",
        at: Place(stage: label))
    }
    var finding = Finding(execution, digest: nil, label: label)
    if let port {
      guard let output = execution.output(port) else {
        throw RetortError(
          "name.port", "The stage “\(label)” has no output “\(port)”.",
          remedy: "It has: \(execution.outputs.keys.sorted().joined(separator: ", ")).", at: Place(stage: label))
      }
      (finding.port, finding.digest) = (port, output.digest)
    }
    return finding
  }
}

extension Finding {
  /// The output with the given digest; without one, the single output or the whole.
  init(_ execution: Execution, digest: Digest?, _ labels: Labels) throws {
    self.init(execution, digest: digest, label: try labels.name(of: execution.key))
  }

  init(_ execution: Execution, digest: Digest?, label: String?) {
    let single = execution.outputs.count == 1 ? execution.outputs.first : nil
    let match =
      digest.flatMap { wanted in execution.outputs.first { $0.value.digest == wanted } }
      ?? (digest == nil ? single : nil)
    self.init(
      label: label, execution: execution, port: match?.key,
      digest: match?.value.digest ?? digest ?? execution.digest(port: "") ?? execution.key.digest)
  }

  fileprivate var candidateText: String {
    let what = record?.kind ?? execution.stage.id
    return "\(digest.short) (\(what)\(label.map { ", stage “\($0)”" } ?? ""))"
  }
}
