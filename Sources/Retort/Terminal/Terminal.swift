#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What stands behind an output stream, and so what may be written to it.
///
/// Colours and redrawing need a terminal that can do them; `NO_COLOR`, `TERM=dumb` and `CI` are honoured.
package struct Terminal: Sendable {
  package var isTerminal: Bool
  /// Whether lines may be redrawn.
  package var isAnimated: Bool
  package var style: Style
  /// Nil where nothing limits a line, as in a pipe or a file.
  package var width: Int?
  package var height: Int

  package init(
    isTerminal: Bool, environment: (String) -> String?, size: (width: Int, height: Int)? = nil
  ) {
    let isDumb = environment("TERM") == "dumb"
    let isNotified = environment("NO_COLOR").map { !$0.isEmpty } ?? false
    let isAutomatic = environment("CI").map { !$0.isEmpty && $0 != "false" && $0 != "0" } ?? false
    self.isTerminal = isTerminal
    isAnimated = isTerminal && !isDumb && !isAutomatic
    style = Style(isColoured: isTerminal && !isDumb && !isNotified)
    let columns = environment("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    width = columns ?? (isTerminal ? size?.width ?? 80 : nil)
    height = size?.height ?? 24
  }

  /// The stream behind a file descriptor of this process.
  package init(descriptor: Int32) {
    var window = winsize()
    let isTerminal = isatty(descriptor) == 1
    let known = isTerminal && ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0 && window.ws_col > 0
    self.init(
      isTerminal: isTerminal, environment: { name in getenv(name).map { String(cString: $0) } },
      size: known ? (Int(window.ws_col), Int(window.ws_row)) : nil)
  }

  package static let output = Terminal(descriptor: STDOUT_FILENO)
  package static let errors = Terminal(descriptor: STDERR_FILENO)
}
