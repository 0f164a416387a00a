import Declaring
import Synchronization

/// Keeps the newest state of one attempt on disk without holding the attempt up.
final class Checkpointer: Sendable {
  /// When snapshots are taken.
  struct Schedule: Sendable {
    /// Seconds between two; nil follows the cost: max(30 s, 60 × that of the last one), so at most 2 % of the time.
    var every: Double?

    func interval(cost: Double) -> Double { every ?? max(30, 60 * cost) }
  }

  private struct State {
    var pace: CheckpointPace
    var pending: Snapshot?
    var isWriting = false
    var isClosed = false
    /// Found when it is first asked for: most stages have no use for it.
    var file: FilePath?
  }

  private let locate: @Sendable () throws -> FilePath
  let profile: NumericsProfile
  let schedule: Schedule
  private let state: Mutex<State>
  /// Held while the file is written or removed.
  private let disk = Mutex(())
  private let log: @Sendable (String) -> Void
  private let written: @Sendable (_ bytes: Int, _ seconds: Double) -> Void

  init(
    profile: NumericsProfile, schedule: Schedule, log: @escaping @Sendable (String) -> Void,
    written: @escaping @Sendable (_ bytes: Int, _ seconds: Double) -> Void,
    locate: @escaping @Sendable () throws -> FilePath
  ) {
    self.locate = locate
    self.profile = profile
    self.schedule = schedule
    self.log = log
    self.written = written
    state = Mutex(State(pace: CheckpointPace(schedule, from: Clock.steady)))
  }

  /// Where the snapshot lies.
  func file() throws -> FilePath {
    if let known = state.withLock({ $0.file }) { return known }
    let file = try locate()
    state.withLock { $0.file = file }
    return file
  }

  func restore() throws -> Snapshot? {
    switch SnapshotFile.read(try file(), profile: profile) {
    case .snapshot(let snapshot):
      log("Goes on from a checkpoint.")
      return snapshot
    case .missing: return nil
    case .unusable(let why):
      log("\(why) The stage begins anew.")
      return nil
    }
  }

  /// Takes a snapshot if one is due; where the attempt should end, takes one at once if there is time for it, and throws.
  func checkpoint(at level: StopLevel, _ make: () throws -> Snapshot) throws {
    switch level {
    case .none: try takeIfDue(make)
    case .checkpoint:
      try takeNow(make)
      throw CancellationError()
    case .now: throw CancellationError()
    }
  }

  /// Takes a snapshot if one is due and hands it to another thread; the newest wins.
  func takeIfDue(_ make: () throws -> Snapshot) throws {
    let start = Clock.steady
    let isDue = state.withLock { state in
      !state.isClosed && !state.isWriting && state.pace.isDue(at: start)
    }
    guard isDue else { return }
    let snapshot = try make()
    let end = Clock.steady
    let mustStart = state.withLock { state in
      state.pending = snapshot
      state.pace.took(from: start, to: end)
      defer { state.isWriting = true }
      return !state.isWriting
    }
    if mustStart { StageThreads.shared.run { self.writePending() } }
  }

  /// Takes a snapshot and returns once it is safe on disk, or could not be written, which the log then says.
  func takeNow(_ make: () throws -> Snapshot) throws {
    let snapshot = try make()
    state.withLock { $0.pending = nil }
    disk.withLock { _ in write(snapshot) }
  }

  /// Passes on what a worker wrote by itself.
  func tell(_ bytes: Int, _ seconds: Double) { written(bytes, seconds) }

  /// Removes the file: the result is published. Nothing is written any more.
  func discard() {
    close()
    guard let file = state.withLock({ $0.file }) else { return }
    disk.withLock { _ in
      do {
        try SnapshotFile.remove(file)
      } catch {
        log("The checkpoint could not be removed: \(error)")
      }
    }
  }

  /// Writes nothing any more, and returns once a write on its way is done.
  func close() {
    state.withLock { state in
      state.isClosed = true
      state.pending = nil
    }
    disk.withLock { _ in }
  }

  private func writePending() {
    while true {
      let isDone = disk.withLock { _ in
        let next = state.withLock { state -> Snapshot? in
          guard let next = state.pending, !state.isClosed else {
            state.isWriting = false
            return nil
          }
          state.pending = nil
          return next
        }
        guard let next else { return true }
        write(next)
        return false
      }
      if isDone { return }
    }
  }

  private func write(_ snapshot: Snapshot) {
    let start = Clock.steady
    do {
      let file = try file()
      let bytes = try SnapshotFile.write(snapshot, profile: profile, to: file)
      let end = Clock.steady
      state.withLock { $0.pace.wrote(from: start, to: end) }
      written(bytes, end - start)
    } catch {
      // A stage can end well without its checkpoint, so this is no failure of it.
      state.withLock { $0.pace.wrote(from: start, to: Clock.steady) }
      log("The checkpoint could not be written: \(error)")
    }
  }
}
