import Declaring
import Supervising

/// Passes a program's lines on to the log of its stage, and remembers the last ones.
///
/// A program may write without end. Beyond a limit only its last lines are kept, and the log says how many are missing.
struct CommandLog {
  static let limit = 8 << 20
  private static let tail = 200
  private static let words = 8

  private let context: StageContext
  private var bytes = 0
  /// The newest lines beyond the limit.
  private var held: [String] = []
  private var next = 0
  private var leftOut = 0
  private var last: [ChildStream: [String]] = [:]

  init(_ context: StageContext) { self.context = context }

  mutating func add(_ line: String, from stream: ChildStream) {
    remember(line, from: stream)
    bytes += line.utf8.count + 1
    guard bytes > Self.limit else { return context.log(line) }
    if held.count < Self.tail {
      held.append(line)
    } else {
      held[next] = line
      next = (next + 1) % Self.tail
      leftOut += 1
    }
  }

  /// Writes the lines that were held back.
  mutating func finish() {
    guard !held.isEmpty else { return }
    if leftOut > 0 {
      context.log("… \(leftOut) lines were left out here: the program wrote \(bytes >> 20) MiB.")
    }
    for line in held[next...] + held[..<next] { context.log(line) }
    held = []
  }

  /// The last lines with something in them: of the errors, or where there are none, of the output.
  var lastWords: [String] {
    (last[.errors] ?? last[.output] ?? []).map { line in
      String(String.UnicodeScalarView(line.unicodeScalars.lazy.filter { $0.value >= 32 || $0 == "\t" }.prefix(300)))
    }
  }

  /// The last lines as the end of a sentence about it.
  var quotedLastWords: String {
    let said = lastWords
    return said.isEmpty ? " It wrote nothing." : " Its last words:\n" + said.joined(separator: "\n")
  }

  private mutating func remember(_ line: String, from stream: ChildStream) {
    guard line.contains(where: { !$0.isWhitespace }) else { return }
    var lines = last[stream] ?? []
    if lines.count == Self.words { lines.removeFirst() }
    lines.append(line)
    last[stream] = lines
  }
}
