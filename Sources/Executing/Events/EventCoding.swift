import Declaring

extension TimedEvent: Codable {
  private enum Field: String, CodingKey {
    case event, time, run, pipeline, steps, label, stage, version, key, attempt, done, total, unit, loss, note
    case name, value, line, bytes, seconds, digests, metrics, code, message, remedy, blame, place, retry, reason
    case destination, device, files, outcome, ran, cached, failed, skipped
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(time, forKey: .time)
    if let label = event.label { try fields.encode(label, forKey: .label) }
    switch event {
    case .planned(let run, let pipeline, let steps, let cached):
      try fields.encode("planned", forKey: .event)
      try fields.encode(run, forKey: .run)
      try fields.encode(pipeline, forKey: .pipeline)
      try fields.encode(steps, forKey: .steps)
      try fields.encode(cached, forKey: .cached)
    case .started(_, let stage, let key, let attempt):
      try fields.encode("started", forKey: .event)
      try fields.encode(stage.id, forKey: .stage)
      try fields.encode(stage.version, forKey: .version)
      try fields.encode(key, forKey: .key)
      try fields.encode(attempt, forKey: .attempt)
    case .waiting(_, let key, let device):
      try fields.encode("waiting", forKey: .event)
      try fields.encode(key, forKey: .key)
      try fields.encodeIfPresent(device, forKey: .device)
    case .progress(_, let progress):
      try fields.encode("progress", forKey: .event)
      try fields.encode(finite(progress.done) ?? 0, forKey: .done)
      try fields.encodeIfPresent(finite(progress.total), forKey: .total)
      try fields.encode(progress.unit, forKey: .unit)
      try fields.encodeIfPresent(finite(progress.loss), forKey: .loss)
      try fields.encodeIfPresent(progress.note, forKey: .note)
    case .metric(_, let name, let value):
      try fields.encode("metric", forKey: .event)
      try fields.encode(name, forKey: .name)
      try fields.encode(finite(value), forKey: .value)
    case .log(_, let line):
      try fields.encode("log", forKey: .event)
      try fields.encode(line, forKey: .line)
    case .checkpointed(_, let bytes, let seconds):
      try fields.encode("checkpointed", forKey: .event)
      try fields.encode(bytes, forKey: .bytes)
      try fields.encode(seconds, forKey: .seconds)
    case .cached(_, let key, let digests):
      try fields.encode("cached", forKey: .event)
      try fields.encode(key, forKey: .key)
      try fields.encode(digests, forKey: .digests)
    case .finished(_, let key, let digests, let seconds, let metrics):
      try fields.encode("finished", forKey: .event)
      try fields.encode(key, forKey: .key)
      try fields.encode(digests, forKey: .digests)
      try fields.encode(seconds, forKey: .seconds)
      try fields.encode(metrics.compactMapValues { finite($0) }, forKey: .metrics)
    case .failed(_, let error, let retry):
      try fields.encode("failed", forKey: .event)
      try fields.encode(error.code, forKey: .code)
      try fields.encode(error.message, forKey: .message)
      try fields.encode(error.remedy, forKey: .remedy)
      try fields.encode(error.blame, forKey: .blame)
      try fields.encode(error.place, forKey: .place)
      try fields.encodeIfPresent(retry, forKey: .retry)
    case .skipped(_, let reason):
      try fields.encode("skipped", forKey: .event)
      try fields.encode(reason, forKey: .reason)
    case .delivered(_, let destination, let files):
      try fields.encode("delivered", forKey: .event)
      try fields.encode(destination, forKey: .destination)
      try fields.encode(files, forKey: .files)
    case .runFinished(let run, let outcome, let counts, let seconds):
      try fields.encode("runFinished", forKey: .event)
      try fields.encode(run, forKey: .run)
      try fields.encode(outcome, forKey: .outcome)
      try fields.encode(counts.ran, forKey: .ran)
      try fields.encode(counts.cached, forKey: .cached)
      try fields.encode(counts.failed, forKey: .failed)
      try fields.encode(counts.skipped, forKey: .skipped)
      try fields.encode(seconds, forKey: .seconds)
    }
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    time = try fields.decode(Double.self, forKey: .time)
    let name = try fields.decode(String.self, forKey: .event)
    func label() throws -> String { try fields.decode(String.self, forKey: .label) }
    func key() throws -> Key { try fields.decode(Key.self, forKey: .key) }
    func digests() throws -> [String: Digest] { try fields.decode([String: Digest].self, forKey: .digests) }
    func seconds() throws -> Double { try fields.decode(Double.self, forKey: .seconds) }
    func count(_ field: Field) throws -> Int { try fields.decode(Int.self, forKey: field) }
    switch name {
    case "planned":
      event = .planned(
        run: try fields.decode(RunID.self, forKey: .run), pipeline: try fields.decode(String.self, forKey: .pipeline),
        steps: try count(.steps), cached: try count(.cached))
    case "started":
      event = .started(
        label: try label(),
        stage: StageIdentity(id: try fields.decode(String.self, forKey: .stage), version: try count(.version)),
        key: try key(), attempt: try count(.attempt))
    case "waiting":
      event = .waiting(
        label: try label(), key: try key(), device: try fields.decodeIfPresent(String.self, forKey: .device))
    case "progress":
      event = .progress(
        label: try label(),
        Progress(
          try fields.decode(Double.self, forKey: .done), of: try fields.decodeIfPresent(Double.self, forKey: .total),
          unit: try fields.decode(String.self, forKey: .unit),
          loss: try fields.decodeIfPresent(Double.self, forKey: .loss),
          note: try fields.decodeIfPresent(String.self, forKey: .note)))
    case "metric":
      event = .metric(
        label: try label(), name: try fields.decode(String.self, forKey: .name),
        value: try fields.decodeIfPresent(Double.self, forKey: .value) ?? .nan)
    case "log": event = .log(label: try label(), line: try fields.decode(String.self, forKey: .line))
    case "checkpointed":
      event = .checkpointed(label: try label(), bytes: try count(.bytes), seconds: try seconds())
    case "cached": event = .cached(label: try label(), key: try key(), digests: try digests())
    case "finished":
      event = .finished(
        label: try label(), key: try key(), digests: try digests(), seconds: try seconds(),
        metrics: try fields.decode([String: Double].self, forKey: .metrics))
    case "failed":
      event = .failed(
        label: try label(), try ErrorReport(from: decoder),
        retry: try fields.decodeIfPresent(Double.self, forKey: .retry))
    case "skipped":
      event = .skipped(label: try label(), reason: try fields.decode(SkipReason.self, forKey: .reason))
    case "delivered":
      event = .delivered(
        label: try label(), destination: try fields.decode(String.self, forKey: .destination),
        files: try count(.files))
    case "runFinished":
      event = .runFinished(
        run: try fields.decode(RunID.self, forKey: .run), outcome: try fields.decode(RunOutcome.self, forKey: .outcome),
        counts: RunCounts(
          ran: try count(.ran), cached: try count(.cached), failed: try count(.failed), skipped: try count(.skipped)),
        seconds: try seconds())
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .event, in: fields, debugDescription: "No event is called “\(name)”.")
    }
  }
}

/// JSON has no infinities and no NaN: such a figure is left out.
private func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
