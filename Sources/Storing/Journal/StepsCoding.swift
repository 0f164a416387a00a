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
      body.write(UInt8(step.key == nil ? 0 : 1))
      if let key = step.key { body.write(key.digest) }
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
      return try (0..<(try reader.readCount(of: 9))).map { _ in
        let label = try reader.readText()
        let number = Int(try reader.read(UInt32.self))
        guard number < table.count else { throw ByteReader.damage }
        let isKnown = try reader.read(UInt8.self) == 1
        return RunStep(label: label, stage: table[number], key: isKnown ? Key(try reader.readDigest()) : nil)
      }
    }
  }
}
