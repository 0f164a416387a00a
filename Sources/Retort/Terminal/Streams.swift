#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes whole pieces to the process's streams: data to stdout, everything else to stderr.
///
/// A reader that has gone away ends the output, not the program: a run goes on when its progress is no longer read.
package enum Streams {
  package static func output(_ text: String) { write(text, to: STDOUT_FILENO) }
  package static func outputLine(_ text: String = "") { write(text + "\n", to: STDOUT_FILENO) }
  package static func errors(_ text: String) { write(text, to: STDERR_FILENO) }
  package static func errorLine(_ text: String = "") { write(text + "\n", to: STDERR_FILENO) }

  static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        #if canImport(Glibc)
          let count = Glibc.write(descriptor, start, rest.count)
        #elseif canImport(Musl)
          let count = Musl.write(descriptor, start, rest.count)
        #else
          let count = Darwin.write(descriptor, start, rest.count)
        #endif
        if count > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if errno == EAGAIN {
          var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&ready, 1, 1000)
        } else if errno != EINTR {
          return
        }
      }
    }
  }
}
