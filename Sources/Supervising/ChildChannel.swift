import Artifacts
import CChildren

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Two connected sockets, for a conversation with a child: one end is kept, the other becomes a descriptor of the child.
///
/// Neither is inherited by a program that it is not handed to. Let go of `theirs` once the child has started, or its end
/// is never noticed.
public struct ChildChannel: Sendable {
  /// The end of this process.
  public let ours: ChannelEnd
  /// The child's end, for `ChildProgram.descriptors`.
  public let theirs: ChannelEnd

  public init() throws {
    var ends: [Int32] = [-1, -1]
    let error = retort_sockets(&ends)
    guard error == 0 else { throw RetortError(Errno(rawValue: error), .open, "socket") }
    (ours, theirs) = (ChannelEnd(ends[0]), ChannelEnd(ends[1]))
  }
}

/// One end of a channel. It is closed when it is let go of.
///
/// Reading and writing may go on at once, on two threads; two writers at once have to agree on their turns.
public final class ChannelEnd: Sendable {
  private let descriptor: OwnedDescriptor

  /// - Parameter number: the descriptor; it belongs to this object from now on.
  init(_ number: Int32) { descriptor = OwnedDescriptor(number) }

  /// The descriptor that a parent handed over, such as 3; programs that this process starts do not get it.
  ///
  /// - Throws: `RetortError` where there is none.
  public static func inherited(_ number: Int32) throws -> ChannelEnd {
    guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else {
      throw RetortError(Errno(rawValue: errno), .open, FilePath("descriptor \(number)"))
    }
    return ChannelEnd(number)
  }

  public var number: Int32 { descriptor.number }

  /// Writes all of `bytes`.
  ///
  /// - Returns: false where the other end is gone.
  public func send(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
        let count = systemSend(number, rest)
        if count >= 0 { done += count } else if errno != EINTR { return false }
      }
      return true
    }
  }

  /// Waits for the next bytes; none once the other end is gone.
  public func receive(atMost count: Int = 64 << 10) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var got = -1
      repeat { got = recv(number, buffer.baseAddress, count, 0) } while got < 0 && errno == EINTR
      initialized = max(0, got)
    }
  }
}

/// A reader that is gone must be an error here, not a signal that ends the process.
private func systemSend(_ socket: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  #if canImport(Darwin)
    send(socket, bytes.baseAddress, bytes.count, 0)
  #else
    send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
  #endif
}
