import Artifacts
import Declaring
import Foundation
import RetortTesting

/// Notes that something was computed, in a file that all processes append to.
func note(_ what: String) {
  guard let path = ProcessInfo.processInfo.environment["PROBE_LEDGER"] else { return }
  let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
  guard file >= 0 else { return }
  defer { close(file) }
  let line = Array((what + "\n").utf8)
  _ = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
}

/// A training in miniature: each step depends on the one before, and every one may be the last of this process.
struct ProbeTrain: Stage {
  static let id = "probe.train"
  static let version = 1
  var start: Ref<Number>
  var steps: Int

  func run(_ context: StageContext) async throws -> Model<EncoderOnly> {
    let start = try context.load(start).value
    note("train \(start) \(steps)")
    var weights = (0..<2000).map { UInt8(truncatingIfNeeded: start &+ $0) }
    var step = 0
    if let snapshot = try context.restore() {
      weights = snapshot.sections["weights"] ?? []
      step = Int(snapshot.sections["step"]?.first ?? 0)
    }
    while step < steps {
      for index in weights.indices { weights[index] = weights[index] &* 5 &+ UInt8(truncatingIfNeeded: index + step) }
      step += 1
      context.log("step \(step)")
      try context.checkpoint { Snapshot(["weights": weights, "step": [UInt8(step)]]) }
      // Time for the snapshot on the other thread.
      usleep(1500)
    }
    let folder = try context.folder()
    try Files.replace(folder.appending("weights"), with: weights, isDurable: false)
    try Files.replace(folder.appending("config.json"), with: Array("{\"steps\":\(steps)}".utf8), isDurable: false)
    return Model(folder: folder)
  }
}

struct ProbeSearch: Stage {
  static let id = "probe.search"
  static let version = 1
  static let uses: [any Stage.Type] = [ProbeTrain.self]
  var start: Ref<Number>
  var steps: [Int]

  func run(_ context: StageContext) async throws -> Model<EncoderOnly> {
    note("search")
    var best: Model<EncoderOnly>?
    var most = -1
    for count in steps {
      let model = try await context.run(ProbeTrain(start: start, steps: count))
      let sum = try Files.read(model.folder.appending("weights")).reduce(0) { $0 + Int($1) }
      if sum > most { (best, most) = (model, sum) }
    }
    guard let best else { throw CancellationError() }
    return best
  }
}

struct ProbeTotal: Stage {
  static let id = "probe.total"
  static let version = 1
  var parts: [Ref<Model<EncoderOnly>>]

  func run(_ context: StageContext) async throws -> Number {
    note("total")
    return Number(
      try parts.reduce(0) { sum, part in
        try Files.read(context.load(part).folder.appending("weights")).reduce(sum) { $0 &* 31 &+ Int($1) }
      })
  }
}

struct ProbeExport: Delivering {
  static let id = "probe.export"
  static let version = 1
  var total: Ref<Number>
  var destination: Destination

  func run(_ context: StageContext) async throws -> Corpus {
    note("export")
    let folder = try context.folder()
    let text = "\(try context.load(total).value)\n"
    for name in ["a.txt", "b.txt"] {
      try Files.replace(folder.appending(name), with: Array((name + text).utf8), isDurable: false)
    }
    return Corpus(folder: folder)
  }
}
