import Artifacts

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A small process that leads a process group and ends it when this process dies, however it dies.
///
/// It waits at a pipe that this process alone holds open. The kernel closes that pipe with this process; the guard then
/// asks its group to end, and after a while kills it, itself included. While it lives no other group can get the group's
/// number. It is the system's shell, so it is there whatever program this code is part of, and holds none of its memory.
/// `docs/decisions/0020-guards-lead-groups.md` says why, and why nothing else was taken.
final class GroupGuard: Sendable {
  /// The number of the group: that of the guard.
  let group: pid_t
  private let lifeline: OwnedDescriptor

  /// It ignores what asks a process to end, for that is meant for the others; its signals are blocked from its start on.
  private static let script = """
    trap '' HUP INT QUIT TERM
    while read -r line; do :; done
    kill -s TERM 0
    sleep "$1"
    kill -s KILL 0
    """

  /// - Parameter grace: the whole seconds between asking and killing.
  init(grace: Int) throws {
    let (reading, writing) = try OwnedDescriptor.pipe()
    let null = try OwnedDescriptor.null()
    let shell = ChildProgram(
      "/bin/sh", name: "sh", arguments: ["-c", Self.script, "retort-guard", "\(max(0, grace))"],
      environment: ["PATH": "/usr/bin:/bin"])
    group = try withExtendedLifetime((reading, null)) {
      try Spawning.start(shell, descriptors: [reading.number, null.number, null.number], group: 0, isDeaf: true)
    }
    lifeline = writing
  }

  /// Ends everything in the group at once, the guard included. Call it once.
  func end() {
    kill(-group, SIGKILL)
    _ = try? Spawning.ending(of: group, waits: true)
  }
}
