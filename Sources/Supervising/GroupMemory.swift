import Artifacts

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The memory that the processes of a group hold, as Linux tells it in `/proc`.
///
/// What counts is what nothing but ending them would free: their own pages, swapped out or not, and memory that they share
/// without a file. Pages of mapped files do not count, for the kernel takes them back when it needs them.
/// `docs/decisions/0025-memory-is-watched.md` says why it is watched and not limited.
enum GroupMemory {
  /// In bytes; nil where the system does not tell.
  ///
  /// - Parameter limit: where simply adding up gives more, pages that several processes share since a fork are told apart,
  ///   which is exact and takes the kernel milliseconds for each GB.
  static func used(by group: pid_t, limit: Int) -> Int? {
    guard let members = members(of: group) else { return nil }
    let simple = members.compactMap { Figures(status: ProcFile.text("/proc/\($0)/status")) }
    let sum = total(simple)
    guard sum > limit, simple.count > 1 else { return sum }
    let exact = members.compactMap { Figures(rollup: ProcFile.text("/proc/\($0)/smaps_rollup")) }
    return exact.count == simple.count ? total(exact) : sum
  }

  /// Lets the kernel take this process before others, the run among them, when the machine has no memory left.
  static func giveUpFirst(_ process: pid_t) { ProcFile.write("500", to: "/proc/\(process)/oom_score_adj") }

  /// How often the kernel has killed a process for lack of memory since the machine started; nil where it does not tell.
  static var kernelKills: Int? { ProcFile.text("/proc/vmstat").flatMap { ProcFile.number(after: "oom_kill ", in: $0) } }

  /// Shared memory is counted once, in the process that sees most of it.
  private static func total(_ figures: [Figures]) -> Int {
    figures.reduce(0) { $0 + $1.own } + (figures.map(\.shared).max() ?? 0)
  }

  /// What one process holds, in bytes.
  struct Figures: Equatable {
    var own: Int
    var shared: Int

    /// - Parameter status: the text of `/proc/N/status`. One that has ended has no such lines.
    init?(status: String?) {
      guard let status, let own = ProcFile.kilobytes("RssAnon:", in: status) else { return nil }
      self.own = own + (ProcFile.kilobytes("VmSwap:", in: status) ?? 0)
      shared = ProcFile.kilobytes("RssShmem:", in: status) ?? 0
    }

    /// - Parameter rollup: the text of `/proc/N/smaps_rollup`: each process has its part of what it shares.
    init?(rollup: String?) {
      guard let rollup, let own = ProcFile.kilobytes("Pss_Anon:", in: rollup) else { return nil }
      self.own = own + (ProcFile.kilobytes("SwapPss:", in: rollup) ?? 0)
      shared = 0
      self.own += ProcFile.kilobytes("Pss_Shmem:", in: rollup) ?? 0
    }
  }

  private static func members(of group: pid_t) -> [pid_t]? {
    guard let folder = opendir("/proc") else { return nil }
    defer { closedir(folder) }
    var found: [pid_t] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard let process = pid_t(name), getpgid(process) == group else { continue }
      found.append(process)
    }
    return found
  }
}

/// Looks at a group's memory now and then, so seldom that it costs next to nothing.
struct MemoryWatch {
  private let group: pid_t
  private let limit: Int
  private var next = ContinuousClock.now

  init(_ group: pid_t, limit: Int) { (self.group, self.limit) = (group, limit) }

  /// What the group uses, in bytes, where that is more than it may; nil otherwise, and where it is not time yet.
  mutating func excess() -> Int? {
    let start = ContinuousClock.now
    guard start >= next else { return nil }
    let used = GroupMemory.used(by: group, limit: limit)
    let end = ContinuousClock.now
    next = end.advanced(by: max(.milliseconds(50), start.duration(to: end) * 100))
    return used.flatMap { $0 > limit ? $0 : nil }
  }
}

/// The small files of `/proc`, which have no size until they are read.
enum ProcFile {
  static func text(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while bytes.count < 1 << 20 {
      let count = read(file, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func write(_ text: String, to path: String) {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    let bytes = Array(text.utf8)
    _ = systemWrite(file, bytes)
  }

  /// The number behind `name`, which begins a line.
  static func number(after name: String, in text: String) -> Int? {
    for line in text.utf8.split(separator: UInt8(ascii: "\n")) where line.starts(with: name.utf8) {
      let digits = line.dropFirst(name.utf8.count).drop { $0 == 32 || $0 == 9 }.prefix { (48...57).contains($0) }
      return Int(String(decoding: digits, as: UTF8.self))
    }
    return nil
  }

  /// The number of kB behind `name`, in bytes.
  static func kilobytes(_ name: String, in text: String) -> Int? {
    number(after: name, in: text).flatMap { count in
      let (bytes, isTooMuch) = count.multipliedReportingOverflow(by: 1024)
      return isTooMuch ? nil : bytes
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: [UInt8]) -> Int { write(descriptor, bytes, bytes.count) }
