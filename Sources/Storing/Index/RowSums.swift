import Artifacts
import FoundationEssentials

/// The checksums of rows whose columns are plain.
enum RowSum {
  static func recipe(_ key: Digest, stage: Int64, _ bytes: UnsafeRawBufferPointer) -> Int64 {
    var sum = Checksum(seed: RowSalt.recipe)
    sum.add(key)
    sum.add(stage)
    sum.add(bytes)
    return sum.signed
  }

  static func edge(_ digest: Digest, _ key: Digest) -> Int64 {
    var sum = Checksum(seed: RowSalt.edge)
    sum.add(digest)
    sum.add(key)
    return sum.signed
  }

  static func product(_ digest: Digest, _ key: Digest, _ id: Int64) -> Int64 {
    var sum = Checksum(seed: RowSalt.product)
    sum.add(digest)
    sum.add(key)
    sum.add(id)
    return sum.signed
  }

  static func execution(
    _ key: Digest, _ id: Int64, stage: Int64, run: Int64, started: Double, seconds: Double, profile: Int64,
    outputs: UnsafeRawBufferPointer, details: UnsafeRawBufferPointer
  ) -> Int64 {
    var sum = Checksum(seed: RowSalt.execution)
    sum.add(key)
    sum.add(id)
    sum.add(stage)
    sum.add(run)
    sum.add(started)
    sum.add(seconds)
    sum.add(profile)
    sum.add(outputs)
    sum.add(details)
    return sum.signed
  }

  static func content(_ digest: Digest, form: Int64, bytes: Int64, data: UnsafeRawBufferPointer) -> Int64 {
    var sum = Checksum(seed: RowSalt.content)
    sum.add(digest)
    sum.add(form)
    sum.add(bytes)
    sum.add(data)
    return sum.signed
  }

  static func steps(_ digest: Digest, _ bytes: UnsafeRawBufferPointer) -> Int64 {
    var sum = Checksum(seed: RowSalt.steps)
    sum.add(digest)
    sum.add(bytes)
    return sum.signed
  }

  static func pin(_ run: Int64, _ key: Digest) -> Int64 {
    var sum = Checksum(seed: RowSalt.pin)
    sum.add(run)
    sum.add(key)
    return sum.signed
  }

  static func failure(_ id: Int64, run: Int64, _ record: UnsafeRawBufferPointer) -> Int64 {
    var sum = Checksum(seed: RowSalt.failure)
    sum.add(id)
    sum.add(run)
    sum.add(record)
    return sum.signed
  }

  static func source(_ path: String, _ status: FileStatus, _ digest: Digest) -> Int64 {
    var sum = Checksum(seed: RowSalt.source)
    sum.add(path)
    sum.add(Int64(status.bytes))
    sum.add(status.modified)
    sum.add(status.changed)
    sum.add(status.inode)
    sum.add(status.device)
    sum.add(digest)
    return sum.signed
  }
}

/// A run's row.
struct RunRow: Sendable {
  var id: Int64
  var pipeline: String
  /// `RunRequest` as JSON.
  var request: [UInt8]
  var steps: Digest
  var outcome: String
  var finished: Double?
  var ran: Int64
  var cached: Int64
  var failed: Int64

  /// A run whose record was damaged: its number alone is known.
  static func lost(_ id: Int64) -> RunRow {
    let request = RunRequest(pipeline: "", arguments: [], options: [:], startedAt: 0, profile: .unknown)
    return RunRow(
      id: id, pipeline: "", request: (try? JSONEncoder.records.encode(request)).map(Array.init) ?? [],
      steps: Digest(of: StepsCoding.encode([])), outcome: RunOutcome.lost.rawValue, finished: nil, ran: 0, cached: 0,
      failed: 0)
  }

  var sum: Int64 {
    var sum = Checksum(seed: RowSalt.run)
    sum.add(id)
    sum.add(pipeline)
    sum.add(request)
    sum.add(steps)
    sum.add(outcome)
    sum.add(Int64(finished == nil ? 0 : 1))
    sum.add(finished ?? 0)
    sum.add(ran)
    sum.add(cached)
    sum.add(failed)
    return sum.signed
  }

  /// What was asked for when it began.
  var asked: RunRequest {
    get throws {
      do {
        return try StoredRequest.decoded(request)
      } catch {
        throw RetortError.damagedIndex("The request of run \(id) makes no sense.")
      }
    }
  }
}
