import Tensors

/// Threads that compute one piece of a batch together: each takes its share of every operation's columns, rows or heads.
///
/// One sentence is too little to share out by sequences. What a member computes does not depend on who else there is, so the
/// bits are those of one thread.
struct Crew {
  /// nil: the caller alone.
  var team: ThreadTeam?
  let pool: WorkspacePool

  /// Calls `body` as each member at once; the caller is member 0 and has `leader` as its workspace.
  func run(_ leader: Workspace, _ body: (CrewMember) -> Void) throws {
    guard let team, team.count > 1 else {
      return body(CrewMember(index: 0, count: 1, workspace: leader, barrier: nil))
    }
    let barrier = SpinBarrier(team.count)
    // As many pieces as threads, each of which waits for the others: every thread has exactly one.
    try team.run(team.count) { index, _ in
      func take(_ workspace: Workspace) {
        body(CrewMember(index: index, count: team.count, workspace: workspace, barrier: barrier))
      }
      if index == 0 { take(leader) } else { pool.with(take) }
    }
  }
}

/// One thread of a crew.
struct CrewMember {
  let index: Int
  let count: Int
  let workspace: Workspace
  fileprivate let barrier: SpinBarrier?

  /// This member's part of `0 ..< total`, cut at multiples of `grain`.
  func share(of total: Int, grain: Int = 1) -> Range<Int> {
    let grains = (total + grain - 1) / grain
    return min(total, grains * index / count * grain)..<min(total, grains * (index + 1) / count * grain)
  }

  /// Waits for the others; what they wrote may be read then.
  func meet() { barrier?.meet() }

  /// Lets member 0 do what is too small to share.
  func alone(_ body: () -> Void) {
    if index == 0 { body() }
    meet()
  }
}
