import Artifacts
import CChildren

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A descriptor of this process that closes itself.
final class OwnedDescriptor: Sendable {
  let number: Int32

  init(_ number: Int32) { self.number = number }
  deinit { close(number) }

  /// A pipe whose ends no program inherits by itself: what is written to the second comes out of the first.
  static func pipe() throws -> (reading: OwnedDescriptor, writing: OwnedDescriptor) {
    var ends: [Int32] = [-1, -1]
    let error = retort_pipe(&ends)
    guard error == 0 else { throw RetortError(Errno(rawValue: error), .open, "pipe") }
    return (OwnedDescriptor(ends[0]), OwnedDescriptor(ends[1]))
  }

  static func null() throws -> OwnedDescriptor {
    let number = open("/dev/null", O_RDWR | O_CLOEXEC)
    guard number >= 0 else { throw RetortError(Errno(rawValue: errno), .open, "/dev/null") }
    return OwnedDescriptor(number)
  }
}
