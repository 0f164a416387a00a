import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A call to the operating system that a fault can strike.
public enum FileOperation: String, Sendable, CaseIterable {
  case open, read, write, sync, rename, remove, chmod, truncate, list, status, lock
  case makeFolder = "mkdir"

  var changesDisk: Bool {
    switch self {
    case .write, .sync, .rename, .remove, .chmod, .truncate, .makeFolder: true
    case .open, .read, .list, .status, .lock: false
    }
  }
}

/// A failure of the operating system that a test asks for, to prove that none of them costs a result.
///
/// `RETORT_FAULT=write:7:ENOSPC` makes the seventh write of the process fail; `write:7+:ENOSPC` that and all later ones.
/// The operation `any` counts every call that changes the disk. Beside names of errors there are `short` (a write takes
/// half of the bytes and succeeds), `torn-ENOSPC` (it takes half of them and fails) and `KILL` (the process dies there, a
/// write being done by half).
public final class InjectedFault: Sendable {
  public enum Effect: Sendable, Hashable {
    case error(Errno)
    case short
    case torn(Errno)
    case kill
  }

  /// The fault of the current task, instead of the environment's.
  @TaskLocal public static var current: InjectedFault?

  /// Nil strikes any operation that changes the disk.
  public let operation: FileOperation?
  /// Which call is struck, from 1; 0 strikes none and only counts.
  public let ordinal: Int
  public let isLasting: Bool
  public let effect: Effect
  private let seen = Atomic<Int>(0)

  public init(_ operation: FileOperation? = nil, at ordinal: Int, isLasting: Bool = false, _ effect: Effect) {
    self.operation = operation
    self.ordinal = ordinal
    self.isLasting = isLasting
    self.effect = effect
  }

  /// How many calls this fault has counted.
  public var calls: Int { seen.load(ordering: .relaxed) }

  /// Reads the form of `RETORT_FAULT`; nil for anything else.
  public convenience init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3 else { return nil }
    let operation = FileOperation(rawValue: parts[0])
    guard operation != nil || parts[0] == "any" else { return nil }
    let isLasting = parts[1].hasSuffix("+")
    guard let ordinal = Int(isLasting ? String(parts[1].dropLast()) : parts[1]) else { return nil }
    guard let effect = Effect(parts[2]) else { return nil }
    self.init(operation, at: ordinal, isLasting: isLasting, effect)
  }

  private static let environment: InjectedFault? = getenv("RETORT_FAULT").flatMap { InjectedFault(String(cString: $0)) }

  /// What the fault does to the call that is about to be made.
  static func strike(_ operation: FileOperation) -> Effect? {
    guard let fault = current ?? environment else { return nil }
    if let only = fault.operation { guard only == operation else { return nil } }
    if fault.operation == nil { guard operation.changesDisk else { return nil } }
    let count = fault.seen.wrappingAdd(1, ordering: .relaxed).newValue
    guard count == fault.ordinal || (fault.isLasting && fault.ordinal > 0 && count > fault.ordinal) else { return nil }
    if fault.effect == .kill, operation != .write { die() }
    return fault.effect
  }

  /// Ends this process as a crash would.
  static func die() { kill(getpid(), SIGKILL) }

  /// Throws the error of a fault that strikes an operation which cannot be done by halves.
  static func check(_ operation: FileOperation, _ path: FilePath) throws {
    switch strike(operation) {
    case .error(let error), .torn(let error): throw RetortError(error, operation, path)
    case .short, .kill, nil: return
    }
  }
}

extension InjectedFault.Effect {
  fileprivate init?(_ text: String) {
    if text == "short" {
      self = .short
    } else if text == "KILL" {
      self = .kill
    } else if text.hasPrefix("torn-"), let error = Self.names[String(text.dropFirst(5))] {
      self = .torn(error)
    } else if let error = Self.names[text] {
      self = .error(error)
    } else {
      return nil
    }
  }

  private static let names: [String: Errno] = [
    "ENOSPC": .noSpace, "EIO": .ioError, "EACCES": .permissionDenied, "EROFS": .readOnlyFileSystem,
    "EDQUOT": .diskQuotaExceeded, "EMFILE": .tooManyOpenFiles, "EINTR": .interrupted, "EPERM": .notPermitted,
    "ENOENT": .noSuchFileOrDirectory,
  ]
}
