import Declaring
import FoundationEssentials
import Supervising
import Synchronization

/// A question about a program's surroundings, such as `python3 --version`, with what was answered: both are in the key.
public struct CommandProbe: Hashable, Sendable, CanonicallyEncodable, Decodable {
  /// The program's plain name, and its arguments.
  var command: [String]
  /// What it wrote, without white space around; nil where it could not be asked.
  var answer: String?
  /// Why it could not be asked.
  var fault: String?
  /// Where the program lies, or its name.
  private var program: String

  /// How long an answer may take, in seconds.
  private static let limit = 20.0
  private static let longest = 32 << 10

  /// Asks. The same question in the same environment is asked once a process.
  init(_ command: [String], environment: [String: String], in folder: FilePath = "/", isFresh: Bool = false) {
    let found = CommandProgram(command.first ?? "", path: environment["PATH"] ?? "")
    self.command = [found.plainName] + command.dropFirst()
    program = found.file?.path.string ?? found.name
    let question = Question(command: command, environment: environment)
    if !isFresh, let known = Self.known.withLock({ $0[question] }) {
      (answer, fault) = known
      return
    }
    if let file = found.file {
      do {
        answer = try Self.ask(file.path, Array(command.dropFirst()), environment, folder)
      } catch {
        fault = (error as? RetortError)?.message ?? "\(error)"
      }
    } else {
      let missing = CommandProgram.fault(found.name, in: environment["PATH"] ?? "")
      fault = "\(missing.message) \(missing.remedy)"
    }
    let result = (answer, fault)
    if !isFresh { Self.known.withLock { $0[question] = result } }
  }

  /// The same question, asked where the command is about to run.
  func asked(again environment: [String: String], in folder: FilePath) -> CommandProbe {
    CommandProbe([program] + command.dropFirst(), environment: environment, in: folder, isFresh: true)
  }

  private struct Keyed: Encodable {
    var command: [String]
    var answer: String?
  }

  public func encodeCanonically(into slot: CanonicalSlot) throws {
    try slot.write(Keyed(command: command, answer: answer))
  }

  private enum Names: CodingKey { case command, answer, fault, program }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Names.self)
    command = try fields.decode([String].self, forKey: .command)
    answer = try fields.decodeIfPresent(String.self, forKey: .answer)
    fault = try fields.decodeIfPresent(String.self, forKey: .fault)
    program = try fields.decode(String.self, forKey: .program)
  }

  public func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    var fields = encoder.container(keyedBy: Names.self)
    try fields.encode(command, forKey: .command)
    try fields.encodeIfPresent(answer, forKey: .answer)
    try fields.encodeIfPresent(fault, forKey: .fault)
    try fields.encode(program, forKey: .program)
  }

  private struct Question: Hashable {
    var command: [String]
    var environment: [String: String]
  }

  private static let known = Mutex<[Question: (String?, String?)]>([:])

  private static func ask(
    _ program: FilePath, _ arguments: [String], _ environment: [String: String], _ folder: FilePath
  ) throws -> String {
    let child = try Child(
      ChildProgram(program, arguments: arguments, environment: environment, folder: folder), grace: 1)
    let start = ContinuousClock.now
    var text = ""
    let result = try child.wait(until: { start.duration(to: .now) > .seconds(limit) }) { _, line in
      if text.utf8.count < longest { text += line + "\n" }
    }
    guard !result.wasStopped else {
      throw RetortError("command.probe", "It gave no answer within \(Int(limit)) s.")
    }
    guard result.ending.isSuccess else {
      let first = text.split(separator: "\n").last.map { ": \($0.prefix(200))" } ?? "."
      throw RetortError("command.probe", "It \(result.ending)\(first)")
    }
    guard text.utf8.count < longest else {
      throw RetortError("command.probe", "It wrote more than \(longest >> 10) KiB.")
    }
    return text.trimmed
  }
}
