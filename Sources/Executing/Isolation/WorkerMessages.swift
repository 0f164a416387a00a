import Declaring
import FoundationEssentials

/// What a run tells a worker.
enum ToWorker: Codable, Sendable {
  case begin(WorkerJob)
  /// How urgently it is asked to end.
  case stop(Int)
  case answer(call: Int, WorkerAnswer)
}

/// What a worker tells the run that it works for.
enum FromWorker: Codable, Sendable {
  case call(Int, WorkerCall)
  case progress(WorkerProgress)
  case metric(String, Double)
  case log(String)
  case checkpointed(bytes: Int, seconds: Double)
  case finished([WorkerPart])
  case failed(WorkerError)
}

/// The stage to run, and what its body needs beside its inputs.
struct WorkerJob: Codable, Sendable {
  var label: String
  /// The name of its type.
  var stage: String
  /// The stage's properties as JSON.
  var options: Data
  var defaultSeed: UInt64
  var devices: [String: [String]]
  var profile: NumericsProfile
  var checkpointEvery: Double?
  /// Where the snapshot of its key lies.
  var snapshot: String
}

/// What a body asks of its run.
enum WorkerCall: Codable, Sendable {
  case threads
  case part(Edge)
  case copy(WorkerSource)
  case check(WorkerSource)
  case makeFolder(String)
  case run(stage: String, options: Data)
}

enum WorkerAnswer: Codable, Sendable {
  case threads(Int)
  case part(WorkerPart)
  case path(String)
  case edge(Edge)
  case done
  case failure(WorkerError)
}

/// Content with its facts: an input, or a part of the output.
struct WorkerPart: Codable, Sendable {
  var port: String
  var kind: String
  /// The bytes of a value; nil for a folder.
  var value: Data?
  var folder: String?
  var facts: Facts

  init(port: String = "", kind: String = "", _ content: Content, _ facts: Facts) {
    (self.port, self.kind, self.facts) = (port, kind, facts)
    switch content {
    case .value(let bytes): value = Data(bytes)
    case .folder(let path): folder = path.string
    }
  }

  var content: Content { folder.map { .folder(FilePath($0)) } ?? .value(value.map(Array.init) ?? []) }
  var output: OutputPart { OutputPart(port: port, kind: kind, content: content, facts: facts) }
}

struct WorkerSource: Codable, Sendable {
  var path: String
  var members: [SourceDeclaration.Member]?

  init(_ source: SourceDeclaration) { (path, members) = (source.path.string, source.members) }

  var declaration: SourceDeclaration { SourceDeclaration(path: FilePath(path), members: members) }
}

struct WorkerProgress: Codable, Sendable {
  var done: Double
  var total: Double?
  var unit: String
  var loss: Double?
  var note: String?

  init(_ progress: Declaring.Progress) {
    (done, total, unit, loss, note) = (progress.done, progress.total, progress.unit, progress.loss, progress.note)
  }

  var progress: Declaring.Progress { Declaring.Progress(done, of: total, unit: unit, loss: loss, note: note) }
}

/// An error on its way between processes; what lies below it becomes a part of its sentence.
struct WorkerError: Codable, Sendable {
  var code: String
  var message: String
  var remedy: String
  var place: Place
  var blame: RetortError.Blame
  var isTransient: Bool
  var isCancellation: Bool

  init(_ error: any Error) {
    isCancellation = error is CancellationError
    let known = RetortError(of: error, in: nil)
    (code, message, remedy) = (known.code.rawValue, known.message, known.remedy)
    (place, blame, isTransient) = (known.place, known.blame, known.isTransient)
  }

  var error: any Error {
    isCancellation
      ? CancellationError()
      : RetortError(
        .init(rawValue: code), message, remedy: remedy, at: place, blame: blame, isTransient: isTransient)
  }
}

extension JSONEncoder {
  /// Numbers that JSON lacks are words in it.
  static var worker: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }
}

extension JSONDecoder {
  static var worker: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}
