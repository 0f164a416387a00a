import Artifacts

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program at work in a process group of its own, which ends with this process, however this process ends.
///
/// ```swift
/// let child = try Child(ChildProgram("/usr/bin/python3", arguments: ["clean.py"], environment: ["PATH": "/usr/bin"]))
/// let result = try child.wait(until: { isCancelled }) { stream, line in log(line) }
/// ```
/// A child that is let go of without being waited for is killed, with all that it left running in its group. What it starts
/// that moves to another group or session, as daemons do, is out of reach.
public final class Child {
  /// The number of the process.
  public let number: Int32
  private let guardian: GroupGuard
  private var output: ChildPipe
  private var errors: ChildPipe
  private let started = ContinuousClock.now
  private let kernelKills = GroupMemory.kernelKills
  /// Whether its ending was taken, so that its number may be another process's by now.
  private var isReaped = false
  private var isOver = false

  /// Starts the program. Its standard input is empty.
  ///
  /// - Parameter grace: seconds between asking it to end and killing it.
  /// - Throws: `child.start`, `child.text`, `files.exhausted`.
  public init(_ program: ChildProgram, grace: Double = 2) throws {
    self.grace = max(0, grace)
    let guardian = try GroupGuard(grace: Int(self.grace.rounded(.up)))
    self.guardian = guardian
    do {
      let null = try OwnedDescriptor.null()
      let (output, outputEnd) = try OwnedDescriptor.pipe()
      let (errors, errorsEnd) = try OwnedDescriptor.pipe()
      (self.output, self.errors) = (ChildPipe(.output, output), ChildPipe(.errors, errors))
      number = try withExtendedLifetime((null, outputEnd, errorsEnd)) {
        try Spawning.start(
          program, descriptors: [null.number, outputEnd.number, errorsEnd.number] + program.descriptors,
          group: guardian.group)
      }
      GroupMemory.giveUpFirst(number)
    } catch {
      guardian.end()
      throw error
    }
  }

  deinit { if !isOver { finish() } }

  /// How long it may take to end once it was asked to, in seconds.
  public let grace: Double

  /// Waits for the end of the program, and then ends what it left running in its group. Call it once; it blocks.
  ///
  /// - Parameters:
  ///   - memory: how many bytes the group may hold in all; nil for any number. One that holds more is killed: to ask it
  ///     would give it the time to take still more. Only Linux tells what a group holds.
  ///   - stop: asked some fifty times a second; once it says yes, the group gets SIGTERM, and SIGKILL after `grace`.
  ///   - line: called on this thread with each line that the program writes, without its end. While it runs nothing is
  ///     read, so that a program which writes faster than its lines are taken waits.
  /// - Throws: `child.lost`.
  public func wait(
    memory: Int? = nil, until stop: () -> Bool = { false }, line: (ChildStream, String) -> Void = { _, _ in }
  ) throws -> ChildResult {
    defer { if !isOver { finish() } }
    guard !isOver else { throw RetortError("child.lost", "A child is waited for once.", blame: .internal) }
    var asked: ContinuousClock.Instant?
    var isKilled = false
    var pause: Int32 = 1
    var watch = memory.map { MemoryWatch(guardian.group, limit: $0) }
    var excess: Int?
    while true {
      // Where nothing comes, looks become rarer.
      pause = read(for: pause, line) ? 1 : min(20, pause * 2)
      if let ending = try ending() {
        let seconds = started.duration(to: .now)
        finish()
        drain(line)
        var result = ChildResult(ending: ending, wasStopped: asked != nil, seconds: seconds / .seconds(1))
        // A shell says with 137 that what it ran was killed.
        let wasKilled = ending == .killed(signal: SIGKILL) || ending == .exited(128 + SIGKILL)
        result.excess = wasKilled ? excess : nil
        let byKernel = isAnyKilledByKernel
        result.isOutOfMemory = wasKilled && !isKilled && byKernel == true
        result.isKilledByOthers = ending == .killed(signal: SIGKILL) && !isKilled && byKernel == false
        return result
      }
      if !isKilled, let used = watch?.excess() {
        excess = used
        send(SIGKILL)
        isKilled = true
      }
      if let asked {
        guard !isKilled, asked.duration(to: .now) >= .seconds(grace) else { continue }
        send(SIGKILL)
        isKilled = true
      } else if stop() {
        asked = .now
        send(SIGTERM)
        // One that is stopped goes on, to hear it.
        send(SIGCONT)
      }
    }
  }

  /// Whether the kernel has killed anything for lack of memory since this child started; nil where it does not tell.
  private var isAnyKilledByKernel: Bool? {
    guard let before = kernelKills, let now = GroupMemory.kernelKills else { return nil }
    return now > before
  }

  private func ending() throws -> ChildEnding? {
    do {
      let ending = try Spawning.ending(of: number, waits: false)
      isReaped = ending != nil
      return ending
    } catch {
      isReaped = true
      throw error
    }
  }

  /// Sends a signal to the group, and to the program where it has left that: some, such as `timeout`, make a group of
  /// their own, which is theirs to lead.
  private func send(_ signal: Int32) {
    kill(-guardian.group, signal)
    guard !isReaped else { return }
    let own = getpgid(number)
    if own == number { kill(-number, signal) } else if own != guardian.group { kill(number, signal) }
  }

  /// Ends what is left of the group. Where the program is still running, nobody wants its ending.
  private func finish() {
    isOver = true
    send(SIGKILL)
    guardian.end()
    if !isReaped { _ = try? Spawning.ending(of: number, waits: true) }
  }

  /// Reads what comes within some milliseconds, or sees that an output has ended; false if nothing happened.
  private func read(for milliseconds: Int32, _ line: (ChildStream, String) -> Void) -> Bool {
    var waiting = [output, errors].compactMap(\.request)
    let count = poll(&waiting, nfds_t(waiting.count), milliseconds)
    guard count > 0 else { return count < 0 && errno == EINTR }
    for request in waiting where request.revents != 0 {
      if request.fd == output.request?.fd { output.read(line) } else { errors.read(line) }
    }
    return true
  }

  /// Reads what the ended group left in the pipes. A process that fled from it may hold them open: it is not waited for.
  private func drain(_ line: (ChildStream, String) -> Void) {
    let end = ContinuousClock.now.advanced(by: .seconds(1))
    while output.request != nil || errors.request != nil, read(for: 50, line), .now < end {}
    output.finish(line)
    errors.finish(line)
  }
}

/// The reading end of one of a child's outputs.
struct ChildPipe {
  private let stream: ChildStream
  /// Nil once it has ended.
  private var descriptor: OwnedDescriptor?
  private var lines = LineBreaker()

  init(_ stream: ChildStream, _ descriptor: OwnedDescriptor) {
    (self.stream, self.descriptor) = (stream, descriptor)
  }

  /// What to wait for; nil once it has ended.
  var request: pollfd? { descriptor.map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) } }

  /// Reads once what is there; call it when something is.
  mutating func read(_ line: (ChildStream, String) -> Void) {
    guard let descriptor else { return }
    let stream = stream
    withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
      let count = systemRead(descriptor.number, buffer)
      if count > 0 {
        lines.add(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { line(stream, $0) }
      } else if count == 0 || errno != EINTR {
        self.descriptor = nil
      }
    }
  }

  mutating func finish(_ line: (ChildStream, String) -> Void) {
    let stream = stream
    descriptor = nil
    lines.end { line(stream, $0) }
  }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}
