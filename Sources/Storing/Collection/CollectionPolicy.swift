import Artifacts

/// What a collection keeps, beside everything that a live run uses.
public struct CollectionPolicy: Sendable, Hashable {
  /// Of each pipeline, what its newest runs used up to this many that succeeded.
  public var runs = 5
  /// Also what runs used that began at this time or later, in seconds since 1970; nil for no more.
  public var since: Double?
  /// Runs that keep nothing, however new they are.
  public var forgottenRuns: Set<RunID> = []
  /// Artifacts that stay with all that they were made from, whatever the other rules say.
  public var roots: [Digest] = []
  /// Of what the rules above keep, the results that no run has used for longest go until the rest has at most this many
  /// bytes; nil for no limit. Roots and what live runs use may exceed it.
  public var largestSize: Int?

  public init(runs: Int = 5) { self.runs = runs }
}
