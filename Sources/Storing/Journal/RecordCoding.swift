import Artifacts
import FoundationEssentials

extension JournalRecord {
  private enum Tag: UInt8 {
    case began = 1
    case steps, finished, attempt, content, executed, failed, pinned, forgotten, lost
  }

  var payload: [UInt8] {
    get throws {
      var out = ByteWriter()
      switch self {
      case .began(let run, let request, let steps):
        out.write(Tag.began.rawValue)
        out.write(run.value)
        out.write(request.json)
        out.write(steps)
      case .steps(let digest, let bytes):
        out.write(Tag.steps.rawValue)
        out.write(digest)
        out.write(bytes)
      case .finished(let run, let outcome, let at, let steps, let ran, let cached, let failed):
        out.write(Tag.finished.rawValue)
        out.write(run.value)
        out.write(outcome.rawValue)
        out.write(at)
        out.write(steps)
        for count in [ran, cached, failed] { out.write(Int64(count)) }
      case .attempt(let key, let stage, let recipe):
        out.write(Tag.attempt.rawValue)
        out.write(key.digest)
        out.write(stage)
        out.write(recipe)
      case .content(let digest, let content):
        out.write(Tag.content.rawValue)
        out.write(digest)
        out.write(content.form.rawValue)
        out.write(Int64(content.bytes))
        out.write(content.data)
      case .executed(let entry): out.write(entry, tag: Tag.executed.rawValue)
      case .failed(let failure):
        out.write(Tag.failed.rawValue)
        out.write(Array(try JSONEncoder.records.encode(failure)))
      case .pinned(let run, let keys):
        out.write(Tag.pinned.rawValue)
        out.write(run.value)
        out.write(UInt32(keys.count))
        for key in keys { out.write(key.digest) }
      case .forgotten(let names, let contents):
        out.write(Tag.forgotten.rawValue)
        out.write(UInt32(names.count))
        for name in names {
          out.write(name.key.digest)
          out.write(name.id)
        }
        out.write(UInt32(contents.count))
        for digest in contents { out.write(digest) }
      case .lost(let bytes):
        out.write(Tag.lost.rawValue)
        out.write([UInt8](repeating: 0, count: bytes))
      }
      return out.bytes
    }
  }

  init(_ payload: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(payload)
    guard let tag = Tag(rawValue: try reader.read()) else {
      throw RetortError(
        "cache.newer", "The journal holds records of a newer Retort.",
        remedy: "Use the newer program on this cache, or another cache with --cache DIR. Nothing was changed.",
        blame: .environment)
    }
    switch tag {
    case .began:
      self = .began(RunID(try reader.read()), try reader.readRequest(), steps: try reader.readDigest())
    case .steps: self = .steps(try reader.readDigest(), try reader.readBlob())
    case .finished:
      let run = RunID(try reader.read())
      guard let outcome = RunOutcome(rawValue: try reader.readText()) else { throw ByteReader.damage }
      self = .finished(
        run, outcome, at: try reader.readDouble(), steps: try reader.readDigest(),
        ran: Int(try reader.read(Int64.self)),
        cached: Int(try reader.read(Int64.self)), failed: Int(try reader.read(Int64.self)))
    case .attempt:
      self = .attempt(Key(try reader.readDigest()), try reader.readStage(), recipe: try reader.readBlob())
    case .content:
      let digest = try reader.readDigest()
      guard let form = ContentForm(rawValue: try reader.read()) else { throw ByteReader.damage }
      self = .content(
        digest, StoredContent(form: form, bytes: Int(try reader.read(Int64.self)), data: try reader.readBlob()))
    case .executed: self = .executed(try reader.readExecution())
    case .failed: self = .failed(try reader.readJSON())
    case .pinned:
      let run = RunID(try reader.read())
      let count = try reader.readCount(of: Digest.byteCount)
      self = .pinned(run, try (0..<count).map { _ in Key(try reader.readDigest()) })
    case .forgotten:
      let names = try (0..<(try reader.readCount(of: Digest.byteCount + 8))).map { _ in
        ExecutionName(key: Key(try reader.readDigest()), id: try reader.read())
      }
      let count = try reader.readCount(of: Digest.byteCount)
      self = .forgotten(names, contents: try (0..<count).map { _ in try reader.readDigest() })
    case .lost: self = .lost(bytes: try reader.readBlob().count)
    }
    guard reader.isAtEnd else { throw ByteReader.damage }
  }
}

extension JSONEncoder {
  static var records: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}

extension ByteReader {
  mutating func readRequest() throws -> StoredRequest {
    let json = try readBlob()
    return try Self.readable { try StoredRequest(json: json) }
  }

  mutating func readJSON<Value: Decodable>() throws -> Value {
    let json = Data(try readBlob())
    return try Self.readable { try JSONDecoder().decode(Value.self, from: json) }
  }

  private static func readable<Value>(_ read: () throws -> Value) throws -> Value {
    do {
      return try read()
    } catch let error as DecodingError {
      throw RetortError.damaged("A record of the cache makes no sense.", cause: error)
    }
  }
}
