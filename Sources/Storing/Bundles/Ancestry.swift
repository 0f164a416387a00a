import Artifacts

/// An execution after all those that it was made from, in an order that follows from their contents alone.
struct Ancestry {
  private(set) var executions: [Execution] = []
  /// By execution: the digests that flowed in, in order, with who gave them.
  private(set) var inputs: [[(digest: Digest, giver: Int)]] = []

  init(of execution: Execution, in cache: CacheSnapshot) throws {
    struct Visit {
      var execution: Execution
      var edges: [(digest: Digest, giver: Execution)]
      var next = 0
    }
    // Depth first without recursion, for a chain may be long: each comes once its givers have come.
    // What was computed twice with the same bytes is one result.
    var positions: [Result: Int] = [:]
    var open: Set<Result> = [Result(execution)]
    var keys: Set<Key> = []
    var stack = [Visit(execution: execution, edges: try Self.edges(of: execution, in: cache))]
    while var visit = stack.popLast() {
      if visit.next < visit.edges.count {
        let giver = visit.edges[visit.next].giver
        visit.next += 1
        stack.append(visit)
        guard positions[Result(giver)] == nil else { continue }
        guard open.insert(Result(giver)).inserted else {
          throw RetortError.damaged("What an artifact was made from leads back to itself.")
        }
        stack.append(Visit(execution: giver, edges: try Self.edges(of: giver, in: cache)))
      } else {
        guard keys.insert(visit.execution.key).inserted else { throw Self.ambiguous(visit.execution) }
        positions[Result(visit.execution)] = executions.count
        executions.append(visit.execution)
        inputs.append(visit.edges.compactMap { edge in positions[Result(edge.giver)].map { (edge.digest, $0) } })
      }
    }
  }

  /// What an execution gave, whenever it did.
  private struct Result: Hashable {
    var key: Key
    var outputs: [String: Digest]

    init(_ execution: Execution) { (key, outputs) = (execution.key, execution.outputs.mapValues(\.digest)) }
  }

  private static func edges(
    of execution: Execution, in cache: CacheSnapshot
  ) throws -> [(digest: Digest, giver: Execution)] {
    guard let recipe = try cache.recipe(of: execution.key) else { throw gone("the recipe", of: execution) }
    return try Set(try RecipeTree(recipe).inputs).sorted().map { digest in
      guard let giver = try cache.giver(of: digest, to: execution) else { throw gone("an input", of: execution) }
      return (digest, giver)
    }
  }

  private static func gone(_ what: String, of execution: Execution) -> RetortError {
    RetortError(
      "bundle.incomplete",
      "The lineage is not complete: \(what) of “\(execution.stage)” (\(execution.key.digest.short)) is no longer in the cache.",
      remedy: "Run the pipeline again, which computes what is missing.")
  }

  private static func ambiguous(_ execution: Execution) -> RetortError {
    RetortError(
      "bundle.ambiguous",
      "“\(execution.stage)” (\(execution.key.digest.short)) was computed twice with different bytes, and the lineage has both.",
      remedy: "Run the pipeline again, which takes one of them everywhere, and export what that gives.")
  }
}

extension RecipeTree {
  /// The digests of what flows in from other stages.
  var inputs: [Digest] {
    leaves.compactMap { if case .input(_, let digest) = $0.value { digest } else { nil } }
  }
}
