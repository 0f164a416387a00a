import Artifacts

/// The steps of a run as one blob, addressed by its digest: runs with equal steps share it.
enum StepsCoding {
  static func encode(_ steps: [RunStep]) -> [UInt8] {
    var stages: [StageIdentity: UInt32] = [:]
    var table: [StageIdentity] = []
    var body = ByteWriter()
    for step in steps {
      let number: UInt32
      if let known = stages[step.stage] {
        number = known
      } else {
        number = UInt32(table.count)
        stages[step.stage] = number
        table.append(step.stage)
      }
      body.write(step.label)
      body.write(number)
      body.write(step.outcome.code)
      body.write(UInt8((step.key == nil ? 0 : 1) | (step.execution == nil ? 0 : 2) | (step.parent == nil ? 0 : 4)))
      if let key = step.key { body.write(key.digest) }
      if let execution = step.execution { body.write(execution) }
      if let parent = step.parent { body.write(parent) }
    }
    var out = ByteWriter()
    out.write(UInt32(table.count))
    for stage in table { out.write(stage) }
    out.write(UInt32(steps.count))
    return out.bytes + body.bytes
  }

  static func decode(_ bytes: [UInt8]) throws -> [RunStep] {
    try bytes.withUnsafeBytes { raw in
      var reader = ByteReader(raw)
      let table = try (0..<(try reader.readCount(of: 12))).map { _ in try reader.readStage() }
      return try (0..<(try reader.readCount(of: 10))).map { _ in try StepView(&reader).step(table) }
    }
  }

  /// Hands on each step where it lies, until `use` returns false. A view is valid during the call alone.
  static func scan(_ bytes: [UInt8], _ use: (StepView, [StageIdentity]) throws -> Bool) throws {
    try bytes.withUnsafeBytes { raw in
      var reader = ByteReader(raw)
      let table = try (0..<(try reader.readCount(of: 12))).map { _ in try reader.readStage() }
      for _ in 0..<(try reader.readCount(of: 10)) {
        guard try use(StepView(&reader), table) else { return }
      }
    }
  }
}

/// A step as it lies in the blob of a run.
struct StepView {
  let label: UnsafeRawBufferPointer
  let stage: Int
  let outcome: StepOutcome
  let key: Key?
  let execution: Int64?
  let parent: UnsafeRawBufferPointer?

  init(_ reader: inout ByteReader) throws {
    label = try reader.readView()
    stage = Int(try reader.read(UInt32.self))
    guard let outcome = StepOutcome(code: try reader.read()) else { throw ByteReader.damage }
    self.outcome = outcome
    let parts = try reader.read(UInt8.self)
    key = parts & 1 == 0 ? nil : Key(try reader.readDigest())
    execution = parts & 2 == 0 ? nil : try reader.read()
    parent = parts & 4 == 0 ? nil : try reader.readView()
  }

  func step(_ stages: [StageIdentity]) throws -> RunStep {
    guard stage < stages.count else { throw ByteReader.damage }
    return RunStep(
      label: String(decoding: label, as: UTF8.self), stage: stages[stage], key: key, outcome: outcome,
      execution: execution, parent: parent.map { String(decoding: $0, as: UTF8.self) })
  }
}

extension StepOutcome {
  private static let codes: [StepOutcome] = [.pending, .ran, .cached, .failed, .skipped]

  fileprivate var code: UInt8 {
    switch self {
    case .pending: 0
    case .ran: 1
    case .cached: 2
    case .failed: 3
    case .skipped: 4
    }
  }

  fileprivate init?(code: UInt8) {
    guard Int(code) < Self.codes.count else { return nil }
    self = Self.codes[Int(code)]
  }
}
