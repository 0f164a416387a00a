import Artifacts
import Executing
import Foundation
import Histories
import Inspecting
import Planning
import RetortTesting
import Storing
import Testing

/// Each component of a key changed alone in random pipelines: what has it runs again, and nothing else; the plan before and
/// `why` afterwards name the one leaf. What is in no key runs nothing.
@Suite struct KeyComponentTests {
  /// Eight pipelines in CI, 500 in `make chaos`.
  @Test func eachAlone() async throws {
    var seen: [String: Int] = [:]
    for seed in 0..<(Chaos.isOn ? 500 : 8) {
      let trial = try Trial(seed)
      defer { trial.clean() }
      try await trial.run()
      seen.merge(trial.seen, uniquingKeysWith: +)
    }
    for component in [
      "options.factor", "options.value", "options.modulus", "options.seed", "options.terms", "options.file", "stage",
      "version", "uses", "code", "neutral", "below",
    ] { #expect(seen[component, default: 0] > 0, "\(component): \(seen)") }
    print("components changed alone: \(seen.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })")
  }
}

private final class Trial {
  private let folder: FilePath
  private let cache: Cache
  private let base: World
  private var random: Dice
  private var ledger = Ledger()
  private let hint: String
  /// How often each component was seen to count.
  private(set) var seen: [String: Int] = [:]

  init(_ seed: Int) throws {
    let parent = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    folder = FilePath(parent).appending("retort-components-\(UUID().uuidString)")
    let files = folder.appending("files")
    try Files.makeFolder(files)
    cache = try Cache(folder.appending("cache"))
    random = Dice(seed: seed)
    var world = World(count: 9, files: 2, in: files, using: &random)
    world.roots = Array(world.nodes.indices)
    world.rerunsCode = true
    base = world
    hint = "seed \(seed)"
    try world.writeFiles()
  }

  func clean() { try? Files.remove(folder) }

  func run() async throws {
    try await settle(base)
    for edit in [Edit.factor, .value, .modulus, .seed, .edge, .edge, .stageID] {
      var world = base
      guard let (node, leaf) = try world.apply(edit, using: &random) else { continue }
      try await check(world, [node: leaf], "\(hint), \(edit)")
    }
    for type in 0..<3 {
      var world = base
      world.versions[type] = 7
      var leaves: [Int: String] = [:]
      for (position, node) in base.nodes.enumerated() {
        switch node.kind {
        case .mix: if type == 0 { leaves[position] = "version" }
        case .blend: if type == 1 { leaves[position] = "version" }
        case .nest: if type != 1 { leaves[position] = type == 0 ? "uses[world.mix]" : "version" }
        default: break
        }
      }
      try await check(world, leaves, "\(hint), version of \(type)")
      world = base
      world.code[type] = 7
      try await check(world, leaves.mapValues { _ in "code" }, "\(hint), code of \(type)")
      // The newest results are those of the other code: the old one computes its own anew.
      try await settle(base)
    }
    var world = base
    world.defaultSeed = 5
    let seeded = base.nodes.indices.filter {
      [.mix, .blend].contains(base.nodes[$0].kind) && base.nodes[$0].seed == nil
    }
    try await check(world, Dictionary(uniqueKeysWithValues: seeded.map { ($0, "options.seed") }), "\(hint), --seed")
    for file in base.files.indices {
      world = base
      world.files[file] += " "
      let readers = base.nodes.indices.filter { base.nodes[$0].file == file }
      try await check(
        world, Dictionary(uniqueKeysWithValues: readers.map { ($0, "options.file") }), "\(hint), file \(file)")
    }
    // The files stay where the last one put them.
    world = base
    for edit in Edit.allCases where edit.isNeutral {
      try world.apply(edit, using: &random)
      #expect(try await settle(world, threads: Int.random(in: 1...4, using: &random)) == 0, "\(hint), \(edit)")
      seen["neutral", default: 0] += 1
    }
    world.rerunsCode = false
    world.code = [4, 4, 4]
    let summary = try await world.run(in: cache, jobs: 1, threads: 1).summary
    #expect(summary.counts.ran == 0, "\(hint): changed code is a warning where it is not said otherwise")
  }

  /// Runs a world, compares it with the evaluator, and returns how many stages ran.
  @discardableResult
  private func settle(_ world: World, threads: Int = 2) async throws -> Int {
    let (_, summary) = try await world.run(in: cache, jobs: threads, threads: threads)
    for problem in ledger.settle([try world.report(on: summary, from: cache)]) { Issue.record("\(hint): \(problem)") }
    return summary.counts.ran
  }

  /// A world that differs from the one of the run before in `leaves`, by node, alone.
  private func check(_ world: World, _ leaves: [Int: String], _ hint: String) async throws {
    let truth = Evaluation(of: world)
    // The run before is that of the base.
    #expect(try await settle(base) == 0, "\(hint)")
    try world.writeFiles()
    let plan = try await world.asProgram {
      try Planner(store: cache, options: world.planOptions).plan(world.declared())
    }
    var direct: [String: String] = [:]
    for (node, leaf) in leaves {
      let label = world.label(of: node)
      guard let word = truth.words[label], let step = plan.step(labelled: label) else { continue }
      // Another input may have the old one's value, and another stage may have computed just this.
      guard !ledger.knows(word) else {
        #expect(step.cached != nil, "\(hint): \(label)")
        continue
      }
      switch step.status {
      case .execute(.changed(let difference, since: label)) where leaf != "code":
        #expect(difference.changes.map(\.path) == [leaf], "\(hint): \(difference)")
        direct[label] = leaf
      case .execute(.codeChanged(let files)) where leaf == "code":
        #expect(files.count == 1, "\(hint): \(files)")
        direct[label] = leaf
      // One whose inputs change as well is named after them.
      case .waiting: break
      default: Issue.record("\(hint): \(label) is \(step.status), and should run for \(leaf)")
      }
    }
    let ran = try await settle(world)
    #expect(ran >= Set(direct.keys.map { truth.words[$0] }).count, "\(hint)")
    let inspector = Inspector(cache)
    for (label, leaf) in direct {
      seen[leaf.hasPrefix("uses") ? "uses" : String(leaf.prefix { $0 != "[" }), default: 0] += 1
      let why = try inspector.why(label)
      switch why.reason {
      case .changed(let changes, since: _, label: label):
        #expect(changes.count == 1 && changes[0].path.hasPrefix(leaf), "\(hint): \(why)")
      // A twin of it was first, and its own way was to wait.
      case .cached: #expect(try twins(of: label, in: truth) > 1, "\(hint): \(why)")
      // A label that stands for another stage now has nothing to be compared with.
      default: #expect(leaf == "stage", "\(hint): \(why)")
      }
    }
    // What runs for its inputs alone is explained by what changed above it.
    let causes = causes(of: world, leaves)
    let before = Evaluation(of: base)
    for (node, expected) in causes where leaves[node] == nil {
      let label = world.label(of: node)
      // What was known has nothing to explain.
      let why = try inspector.why(label)
      guard case .changed = why.reason else { continue }
      #expect(before.words[label] != truth.words[label], "\(hint): \(label)")
      #expect(Set(why.causes.map(\.label)).isSuperset(of: expected), "\(hint): \(why), and not \(expected)")
      for cause in why.causes {
        let leaf = world.nodes.indices.first { world.label(of: $0) == cause.label }.flatMap { leaves[$0] }
        #expect(cause.changes.allSatisfy { $0.path.hasPrefix(leaf ?? "?") }, "\(hint): \(label): \(cause)")
      }
      seen["below", default: 0] += 1
    }
    try base.writeFiles()
  }

  /// Of each node the labels above it that changed by themselves, by ways on which every value changed.
  private func causes(of world: World, _ leaves: [Int: String]) -> [Int: Set<String>] {
    let (old, new) = (Evaluation(of: base), Evaluation(of: world))
    var causes: [Int: Set<String>] = [:]
    for (position, node) in world.nodes.enumerated() {
      causes[position] = []
      for input in node.inputs {
        let label = world.label(of: input.node)
        guard let was = old.values[label], let now = new.values[label],
          was[max(0, input.port - 1)] != now[max(0, input.port - 1)]
        else { continue }
        if leaves[input.node] != nil { causes[position]?.insert(label) }
        let above = causes[input.node] ?? []
        causes[position]?.formUnion(above)
      }
    }
    return causes
  }

  private func twins(of label: String, in truth: Evaluation) throws -> Int {
    truth.words.values.count { $0 == truth.words[label] }
  }
}
