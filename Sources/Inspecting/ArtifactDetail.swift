import Artifacts
import FoundationEssentials
import Storing

/// What is known about one artifact and how it was made.
public struct ArtifactDetail: Sendable, Codable {
  public var label: String?
  public var digest: Digest
  public var port: String?
  public var stage: StageIdentity
  public var key: Key
  public var run: RunID
  public var details: ExecutionDetails
  public var outputs: [String: ArtifactRecord]
  /// Where the files lie; nil for what the index holds.
  public var location: String?
  /// The recipe's options for people, inputs and sources by the first digits of their digest.
  public var options: [String: String]
}

extension Inspector {
  public func detail(of finding: Finding) throws -> ArtifactDetail {
    let execution = finding.execution
    var options: [String: String] = [:]
    if let recipe = try cache.recipe(of: execution.key) {
      for leaf in try RecipeTree(recipe).leaves where leaf.path.hasPrefix("options.") {
        options[RecipeTree.optionName(leaf.path)] = leaf.value.description
      }
    }
    return ArtifactDetail(
      label: finding.label, digest: finding.digest, port: finding.port, stage: execution.stage, key: execution.key,
      run: execution.run, details: execution.details, outputs: execution.outputs,
      location: try finding.port == nil ? nil : cache.location(of: finding.digest)?.string, options: options)
  }
}

extension ArtifactDetail {
  /// The artifact for people.
  public func text(timeZone: TimeZone = .current) -> String {
    var lines = [
      "\(label.map { "“\($0)”" } ?? "artifact")  \(digest)",
      "made by   \(stage.id)@\(stage.version) in run \(run), \(details.startedAt.asTime(timeZone)), took \(details.seconds.asSeconds)",
      "key       \(key)",
      "numerics  \(details.profile.kernels), \(details.profile.blas), \(details.profile.build)",
    ]
    if let location { lines.append("lies in   \(location)") }
    for (port, record) in outputs.sorted(by: { $0.key < $1.key }) {
      lines.append(
        "output    \(port.isEmpty ? "" : "\(port): ")\(record.kind), \(record.bytes.asBytes), \(record.digest.short)")
      lines += record.facts.lines.map { "          \($0)" }
    }
    for (name, value) in options.sorted(by: { $0.key < $1.key }) { lines.append("option    \(name) = \(value)") }
    for (name, value) in details.metrics.sorted(by: { $0.key < $1.key }) {
      lines.append("metric    \(name) = \(value)")
    }
    return lines.joined(separator: "\n")
  }
}

extension Facts {
  /// What is known, a line each.
  var lines: [String] {
    let known: [(String, String?)] = [
      ("family", family), ("layers", layers.map(String.init)), ("hidden", hidden.map(String.init)),
      ("heads", heads.map(String.init)), ("intermediate", intermediate.map(String.init)),
      ("vocabulary", vocabulary.map(String.init)), ("positions", positions.map(String.init)),
      ("parameters", parameters.map(String.init)), ("precision", precision),
      ("labels", labels?.joined(separator: ", ")), ("examples", examples.map(String.init)),
    ]
    return known.compactMap { name, value in value.map { "\(name): \($0)" } }
      + other.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
  }
}
