import Synchronization
import Tensors

/// Memory of one thread's pass, kept from pass to pass.
final class Workspace {
  let arena = Arena()
  private var prepared: (memory: UnsafeMutableRawPointer, bytes: Int)?

  /// Frees what the last pass took.
  func begin() {
    arena.reset()
    prepared = nil
  }

  func floats(_ count: Int) -> UnsafeMutablePointer<Float> { arena.allocate(Float.self, count) }

  /// Room for one prepared input; the next call gives the same room.
  func preparedRoom(_ bytes: Int) -> UnsafeMutableRawPointer {
    if let prepared, prepared.bytes >= bytes { return prepared.memory }
    let memory = UnsafeMutableRawPointer(arena.allocate(UInt8.self, bytes))
    prepared = (memory, bytes)
    return memory
  }
}

/// Workspaces that no pass is using. Any number of threads may run one model.
final class WorkspacePool: @unchecked Sendable {
  private let lock = Mutex(())
  private var idle: [Workspace] = []

  func with<Result>(_ body: (Workspace) throws -> Result) rethrows -> Result {
    let workspace = take()
    defer { lock.withLock { _ in idle.append(workspace) } }
    workspace.begin()
    return try body(workspace)
  }

  private func take() -> Workspace {
    var known: Workspace?
    lock.withLock { _ in known = idle.popLast() }
    return known ?? Workspace()
  }
}
