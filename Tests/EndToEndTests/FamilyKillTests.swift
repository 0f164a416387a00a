import Foundation
import Testing

@Suite("Every family of stages survives a kill at any instant", .serialized)
struct FamilyKillTests {
  private static let isChaos = ProcessInfo.processInfo.environment["RETORT_CHAOS"] != nil
  private static let arguments = ["--json", "--progress", "none", "--checkpoint-every", "0"]

  /// A program in a folder of its own, with the data that it reads.
  private static func program(in folder: TemporaryFolder) throws -> BuiltProgram {
    var lines = ["sentence\tlabel"]
    let (good, bad) = (["fine", "lovely", "warm", "clever"], ["dull", "poor", "cold", "clumsy"])
    for number in 0..<80 {
      let words = number % 2 == 0 ? good : bad
      let nouns = ["film", "play", "song", "book", "meal"]
      lines.append(
        "the \(nouns[number % 5]) was \(words[number / 2 % 4]) and \(words[number / 3 % 4])\t\(number % 2 == 0 ? "good" : "bad")"
      )
    }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.url.appending(path: "data.tsv"))
    return BuiltProgram("FamilyProbe", in: folder.url)
  }

  /// What an undisturbed run gives, and how long it takes.
  private static let calm = Result { () -> (digests: Digests, exports: [String: Data], seconds: Double) in
    let folder = try TemporaryFolder("families")
    let result = try program(in: folder).run(arguments)
    #expect(result.status == 0, "\(result.errors)\n\(result.output.suffix(2000))")
    return (try Digests(result), try exports(in: folder.url), result.seconds)
  }

  /// The files that were delivered, but for the account of how they came about.
  private static func exports(in folder: URL) throws -> [String: Data] {
    let out = folder.appending(path: "out/student")
    var files: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: out.path)
    where !name.hasPrefix(".") && name != "README.md" {
      let file = out.appending(path: name)
      guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
      files[name] = try Data(contentsOf: file)
    }
    return files
  }

  /// Kills a run, and another one that goes on from it where `seed` says so, then looks at what the next one gives.
  private func kill(_ seed: Int, _ environment: [String: String] = [:], after seconds: Double? = nil) throws -> Bool {
    let calm = try Self.calm.get()
    let folder = try TemporaryFolder("family")
    var program = try Self.program(in: folder)
    program.environment = environment
    let first = try program.run(Self.arguments, killAfter: seconds)
    guard first.wasKilled else { return false }
    program.environment = [:]
    let second = try program.run(Self.arguments)
    #expect(second.status == 0, "\(seed): \(second.errors)\n\(second.output.suffix(2000))")
    let digests = try Digests(second)
    #expect(digests.byLabel == calm.digests.byLabel, "\(seed), \(environment), \(seconds ?? 0)")
    #expect(try Self.exports(in: folder.url) == calm.exports, "\(seed)")
    // Finished is finished, and a checkpoint that was safe is gone on from.
    let (before, after) = (RunEvents(first.output), RunEvents(second.output))
    for done in before.all where done.event == "finished" {
      #expect(!after.hasStarted(done.label ?? ""), "\(seed): “\(done.label ?? "")” was finished and ran again")
    }
    for label in Set(before.all.compactMap(\.label))
    where before.checkpoints(of: label) > 0 && !before.hasFinished(label) && after.hasStarted(label) {
      #expect(
        after.of(label).contains { $0.line?.hasPrefix("Goes on from a checkpoint") ?? false },
        "\(seed): “\(label)” had a checkpoint and began anew")
    }
    let check = try BuiltProgram("retort", in: folder.url).run(["verify"])
    #expect(check.status == 0, "\(seed): \(check.output) \(check.errors)")
    return true
  }

  /// 40 in CI, 800 under `RETORT_CHAOS`: two of three by the clock, the rest at a call that changes the disk.
  @Test func atRandomInstants() throws {
    let seconds = try Self.calm.get().seconds
    var numbers = SeededNumbers(6_006)
    var (killed, tries) = (0, 0)
    let wanted = Self.isChaos ? 800 : 40
    while killed < wanted, tries < 3 * wanted {
      tries += 1
      if tries % 3 == 0 {
        let call = 1 + Int(numbers.unit() * 900)
        if try kill(tries, ["RETORT_FAULT": "any:\(call):KILL"]) { killed += 1 }
      } else if try kill(tries, after: numbers.unit() * seconds * 1.1) {
        killed += 1
      }
    }
    #expect(killed == wanted, "\(killed) of \(tries) died")
    print("families: \(killed) of \(tries) runs killed")
  }

  static let points = [
    "step.leased", "step.started", "step.computed", "step.published", "publication.staged", "object.rename",
    "object.renamed", "journal.append", "journal.appended", "index.commit", "index.committed", "checkpoint.begin",
    "checkpoint.piece", "checkpoint.written", "checkpoint.replaced", "file.written", "file.renamed",
    "deliver.announced",
    "deliver.file",
  ]

  /// Once each in CI, eleven times under `RETORT_CHAOS`: with the first passages of each point and some later ones.
  @Test(arguments: points) func atNamedPoints(point: String) throws {
    var numbers = SeededNumbers(UInt64(point.utf8.reduce(0) { $0 * 31 % 65_521 + Int($1) }))
    // The index is caught up with the journal now and then only, and few files are delivered.
    let most = point.hasPrefix("index.") || point == "deliver.announced" ? 1 : point == "deliver.file" ? 4 : 12
    var killed = 0
    for round in 0..<(Self.isChaos ? 11 : 1) {
      let count = round == 0 ? 1 : 1 + Int(numbers.unit() * Double(most))
      if try kill(round, ["RETORT_KILL_AT": "\(point):\(count)"]) { killed += 1 }
    }
    #expect(killed > 0, "nothing passes \(point)")
  }

  /// A collection that is killed leaves a cache that the next run and the next collection find whole.
  @Test(arguments: ["collection.record", "collection.move", "journal.appended", "index.commit"])
  func inACollection(point: String) throws {
    let calm = try Self.calm.get()
    let folder = try TemporaryFolder("collection")
    let program = try Self.program(in: folder)
    #expect(try program.run(Self.arguments).status == 0)
    let data = folder.url.appending(path: "data.tsv")
    let text = try Data(contentsOf: data)
    try (text + Data("the film was warm and poor\tbad\n".utf8)).write(to: data)
    #expect(try program.run(Self.arguments).status == 0)
    var collector = BuiltProgram("retort", in: folder.url)
    collector.environment = ["RETORT_KILL_AT": "\(point):1"]
    let killed = try collector.run(["gc", "--keep-runs", "1"])
    #expect(killed.wasKilled, "\(killed.errors)")
    collector.environment = [:]
    #expect(try collector.run(["verify"]).status == 0)
    #expect(try collector.run(["gc", "--keep-runs", "1"]).status == 0)
    try text.write(to: data)
    let again = try program.run(Self.arguments)
    #expect(again.status == 0, "\(again.errors)")
    #expect(try Digests(again).byLabel == calm.digests.byLabel)
  }
}
