import Artifacts
import Foundation
import Storing

/// A process for tests to kill: it works on a cache and says what is certain.
///
/// `StoreProbe write CACHE COUNT`: publishes `COUNT` artifacts of all forms; prints `published N DIGEST` after each.
/// `StoreProbe race CACHE COUNT`: computes `COUNT` keys that other processes want, too; prints `computed N`.
/// `StoreProbe gc CACHE`: collects.
/// `StoreProbe earlier CACHE`: writes the cache that later versions must read.
/// `StoreProbe device CACHE NAME ID`: takes the lease of a device, prints `held`, and waits to be killed.
/// `StoreProbe hold CACHE KEY`: takes the lease of a key, prints `held`, and waits to be killed.
@main
enum Probe {
  static func main() throws {
    let arguments = CommandLine.arguments
    let root = FilePath(arguments[2])
    do {
      switch arguments[1] {
      case "write": try write(Cache(root), count: Int(arguments[3]) ?? 0)
      case "race": try race(Cache(root, batch: 64), count: Int(arguments[3]) ?? 0)
      case "gc": _ = try Cache(root).gc(keeping: .init(runs: 1))
      case "earlier": try EarlierCache.write(root)
      case "device": try hold(Cache(root).lease(Device(arguments[3], arguments[4])))
      default: try hold(Cache(root).lease(ProbeWork(number: Int(arguments[3]) ?? 0).recipe().key))
      }
    } catch {
      say("error: \(error)")
      exit(1)
    }
  }

  /// Lines must be out before a kill.
  static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

  static func write(_ cache: Cache, count: Int) throws {
    let works = (0..<count).map(ProbeWork.init)
    var steps = try works.map { RunStep(label: $0.label, stage: ProbeWork.stage, key: try $0.recipe().key) }
    let hits = try cache.executions(of: steps.compactMap(\.key), preferring: .unknown, pinnedBy: nil)
    let run = try cache.beginRun(ProbeWork.request, steps: steps, hits: Array(hits.values))
    for (index, work) in works.enumerated() {
      let recipe = try work.recipe()
      if let hit = hits[recipe.key] {
        steps[index].outcome = .cached
        say("cached \(index) \(hit.digest(port: "")?.hex ?? "")")
        continue
      }
      let execution = try work.publish(in: cache, recipe, run)
      say("published \(index) \(execution.digest(port: "")?.hex ?? "")")
      steps[index].outcome = .ran
    }
    try cache.finishRun(
      run, outcome: .succeeded, steps: steps, ran: count - hits.count, cached: hits.count, failed: 0)
    say("finished")
  }

  static func race(_ cache: Cache, count: Int) throws {
    let run = try cache.beginRun(ProbeWork.request, steps: [], hits: [])
    var waiting = Array(0..<count).shuffled()
    while let number = waiting.popLast() {
      let work = ProbeWork(number: number)
      let recipe = try work.recipe()
      guard let lease = try cache.lease(recipe.key) else {
        waiting.insert(number, at: 0)
        usleep(500)
        continue
      }
      defer { lease.release() }
      if try !cache.executions(of: [recipe.key], preferring: .unknown, pinnedBy: run).isEmpty { continue }
      _ = try work.publish(in: cache, recipe, run)
      say("computed \(number)")
    }
    try cache.finishRun(run, outcome: .succeeded, steps: [], ran: 1, cached: 0, failed: 0)
    say("finished")
  }

  static func hold(_ lease: (any Lease)?) throws {
    say(lease == nil ? "busy" : "held")
    while lease != nil { sleep(1) }
  }
}
