import Artifacts
import FoundationEssentials

extension ByteWriter {
  mutating func write(_ stage: StageIdentity) {
    write(stage.id)
    write(Int64(stage.version))
  }

  mutating func write(_ entry: ExecutionEntry, tag: UInt8) {
    write(tag)
    write(entry.key.digest)
    write(entry.stage)
    write(entry.run.value)
    write(entry.details)
    write(entry.outputs)
  }

  mutating func write(_ details: ExecutionDetails) {
    write(details.startedAt)
    write(details.seconds)
    write(details.profile.kernels)
    write(details.profile.blas)
    write(details.profile.build)
    write(details.rest)
  }

  /// What has no column of its own: threads, memory, metrics, inputs, children, fingerprint.
  mutating func write(_ rest: ExecutionDetails.Rest) {
    let details = rest.details
    write(Int64(details.threads))
    write(Int64(details.peakMemory))
    write(details.metrics)
    write(UInt32(details.inputs.count))
    for input in details.inputs {
      write(input.digest)
      write(input.execution)
    }
    write(UInt32(details.children.count))
    for child in details.children { write(child) }
    write(UInt8(details.codeFingerprint == nil ? 0 : 1))
    if let fingerprint = details.codeFingerprint { write(fingerprint) }
  }

  mutating func write(_ metrics: [String: Double]) {
    write(UInt32(metrics.count))
    for (name, value) in metrics.sorted(by: { $0.key < $1.key }) {
      write(name)
      write(value)
    }
  }

  mutating func write(_ outputs: [OutputEntry]) {
    write(UInt32(outputs.count))
    for output in outputs {
      write(output.port)
      write(output.record.digest)
      write(output.record.kind)
      write(Int64(output.record.bytes))
      write(output.record.facts.encoded)
      write(output.form.rawValue)
    }
  }
}

extension ByteReader {
  mutating func readStage() throws -> StageIdentity {
    StageIdentity(id: try readText(), version: Int(try read(Int64.self)))
  }

  mutating func readExecution() throws -> ExecutionEntry {
    let (key, stage, run) = (Key(try readDigest()), try readStage(), RunID(try read()))
    return ExecutionEntry(
      key: key, stage: stage, run: run, details: try readDetails(), outputs: try readOutputs { try Facts(encoded: $0) })
  }

  mutating func readDetails() throws -> ExecutionDetails {
    var details = ExecutionDetails(
      startedAt: try readDouble(), seconds: try readDouble(),
      profile: NumericsProfile(kernels: try readText(), blas: try readText(), build: try readText()))
    try readRest(of: &details)
    return details
  }

  mutating func readRest(of details: inout ExecutionDetails) throws {
    details.threads = Int(try read(Int64.self))
    details.peakMemory = Int(try read(Int64.self))
    details.metrics = try readMetrics()
    details.inputs = try (0..<(try readCount(of: Digest.byteCount + 8))).map { _ in
      ExecutionDetails.Input(digest: try readDigest(), execution: try read())
    }
    details.children = try (0..<(try readCount(of: 8))).map { _ in try read() }
    details.codeFingerprint = try read(UInt8.self) == 0 ? nil : try readText()
  }

  mutating func readMetrics() throws -> [String: Double] {
    let count = try readCount(of: 12)
    var metrics: [String: Double] = [:]
    for _ in 0..<count { metrics[try readText()] = try readDouble() }
    return metrics
  }

  /// The bytes of an output with empty texts.
  static let smallestOutput = 53

  mutating func readOutputs(_ facts: ([UInt8]) throws -> Facts) throws -> [OutputEntry] {
    try (0..<(try readCount(of: Self.smallestOutput))).map { _ in try readOutput(facts) }
  }

  mutating func readOutput(_ facts: ([UInt8]) throws -> Facts) throws -> OutputEntry {
    let port = try readText()
    let record = ArtifactRecord(
      digest: try readDigest(), kind: try readText(), bytes: Int(try read(Int64.self)), facts: try facts(try readBlob())
    )
    guard let form = ContentForm(rawValue: try read()) else { throw Self.damage }
    return OutputEntry(port: port, record: record, form: form)
  }
}

extension ExecutionEntry {
  func execution(id: Int64) -> Execution {
    Execution(
      id: id, key: key, stage: stage, run: run, details: details, ports: outputs.map { ($0.port, $0.record) })
  }
}

extension ExecutionDetails {
  /// The details as `ByteWriter` writes them where the times and the profile stand elsewhere.
  struct Rest { var details: ExecutionDetails }

  var rest: Rest { Rest(details: self) }
}

extension Facts {
  /// JSON with sorted keys; nothing for unknown facts.
  var encoded: [UInt8] {
    self == .unknown ? [] : (try? JSONEncoder.records.encode(self)).map(Array.init) ?? []
  }

  init(encoded: [UInt8]) throws {
    guard !encoded.isEmpty else {
      self = .unknown
      return
    }
    do {
      self = try JSONDecoder().decode(Facts.self, from: Data(encoded))
    } catch {
      throw RetortError.damaged("The facts of an artifact make no sense.", cause: error)
    }
  }
}

extension FolderManifest {
  var encoded: [UInt8] {
    var out = ByteWriter()
    out.write(UInt32(entries.count))
    for entry in entries {
      out.write(entry.path)
      out.write(UInt8(entry.file == nil ? 0 : 1))
      if let file = entry.file {
        out.write(Int64(file.bytes))
        out.write(file.digest)
      }
    }
    return out.bytes
  }

  init(encoded: [UInt8]) throws {
    self.init(
      try encoded.withUnsafeBytes { raw in
        var reader = ByteReader(raw)
        return try (0..<(try reader.readCount(of: 5))).map { _ in
          let path = try reader.readText()
          guard try reader.read(UInt8.self) == 1 else { return Entry(path: path, file: nil) }
          return Entry(
            path: path, file: File(bytes: Int(try reader.read(Int64.self)), digest: try reader.readDigest()))
        }
      })
  }
}
