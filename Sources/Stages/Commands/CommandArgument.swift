import Declaring

/// One argument of a command: text, with what is put in its place when the command runs.
///
/// ```swift
/// Command<Corpus>("python3", .script("clean.py"), "--in", .input(raw), "--out=\(.output)", "--limit=\(limit)")
/// ```
/// Each argument reaches the program as it is, spaces and quotes included: no shell ever reads it. Where a shell is
/// wanted, it is the program: `Command<Corpus>("sh", "-c", "sort \"$1\" > \"$2/text.txt\"", "sh", …)`.
public struct CommandArgument: Hashable, Sendable, ExpressibleByStringInterpolation {
  /// What an argument is put together from.
  enum Part: Hashable, Sendable {
    case text(String)
    /// The path of an artifact: of its folder, or of a file with its value.
    case input(CommandInput)
    /// The path of a copy of a file of the user's.
    case file(SourceFile)
    /// The path of a copy of a folder of the user's.
    case folder(SourceFolder)
    /// Where the program writes the output of a port.
    case output(String)
    /// How many threads it may compute with.
    case threads
    case seed(Seed)
  }

  var parts: [Part]

  init(_ parts: [Part]) { self.parts = parts }

  public init(stringLiteral value: String) { parts = [.text(value)] }
  public init(_ text: String) { parts = [.text(text)] }

  /// The path of an artifact: of its folder, or, where it is a single value, of a file that holds it as JSON. The program
  /// must not change it.
  public static func input<Value: Artifact>(_ ref: Ref<Value>) -> Self { Self([.input(CommandInput(ref))]) }

  /// Where the program writes its output: an empty folder that is there, or, for a single value, a file that is not yet.
  public static var output: Self { .output("") }

  /// The same for one port of a bundle.
  public static func output(_ port: String) -> Self { Self([.output(port)]) }

  /// A file of yours, such as a script or a table of words. The key holds its content; the program gets a copy.
  public static func file(_ path: String) -> Self { Self([.file(SourceFile(path))]) }

  /// A file that lies beside the Swift file that names it, wherever the program is called.
  public static func script(_ name: String, beside file: String = #filePath) -> Self {
    Self([.file(SourceFile(FilePath(file).removingLastComponent().appending(name)))])
  }

  /// A folder of yours with the files in it that count, such as `["*.py", "words.txt"]`; the program gets a copy.
  /// A file in it: `"\(.folder("scripts", ["*.py"]))/clean.py"`.
  public static func folder(_ path: String, _ members: [String]) -> Self {
    Self([.folder(SourceFolder(FilePath(path), members: members.map { .init($0) }))])
  }

  /// How many threads the program may compute with. It is no part of the key: results must not depend on it.
  public static var threads: Self { Self([.threads]) }

  /// A number for the program's random generator: the run's `--seed`, or one of its own.
  public static func seed(_ seed: Seed = .standard) -> Self { Self([.seed(seed)]) }
}

extension CommandArgument {
  public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

  public struct StringInterpolation: StringInterpolationProtocol {
    var parts: [Part] = []

    public init(literalCapacity: Int, interpolationCount: Int) {}

    public mutating func appendLiteral(_ literal: String) { append(.text(literal)) }
    public mutating func appendInterpolation(_ argument: CommandArgument) { argument.parts.forEach { append($0) } }
    public mutating func appendInterpolation<Value: Artifact>(_ ref: Ref<Value>) { append(.input(CommandInput(ref))) }
    public mutating func appendInterpolation(_ value: some LosslessStringConvertible) { append(.text("\(value)")) }

    /// Texts that follow one another are one, so that equal arguments are written alike.
    private mutating func append(_ part: Part) {
      guard case .text(let text) = part else { return parts.append(part) }
      if text.isEmpty { return }
      if case .text(let before) = parts.last {
        parts[parts.count - 1] = .text(before + text)
      } else {
        parts.append(part)
      }
    }
  }
}

extension CommandArgument: Codable {
  private enum Names: String, CodingKey { case text, input, file, folder, output, threads, seed }

  /// An argument of one text is that text, any other the list of its parts.
  public func encode(to encoder: any Encoder) throws {
    if parts.count < 2, case .text(let text) = parts.first ?? .text("") {
      var single = encoder.singleValueContainer()
      return try single.encode(text)
    }
    var list = encoder.unkeyedContainer()
    for part in parts {
      if case .text(let text) = part {
        try list.encode(text)
        continue
      }
      var fields = list.nestedContainer(keyedBy: Names.self)
      switch part {
      case .text(let text): try fields.encode(text, forKey: .text)
      case .input(let input): try fields.encode(input, forKey: .input)
      case .file(let file): try fields.encode(file, forKey: .file)
      case .folder(let folder): try fields.encode(folder, forKey: .folder)
      case .output(let port): try fields.encode(port, forKey: .output)
      case .threads: try fields.encode(true, forKey: .threads)
      case .seed(let seed): try fields.encode(seed, forKey: .seed)
      }
    }
  }

  public init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      parts = [.text(text)]
      return
    }
    var list = try decoder.unkeyedContainer()
    parts = []
    while !list.isAtEnd {
      if let text = try? list.decode(String.self) {
        parts.append(.text(text))
        continue
      }
      let fields = try list.nestedContainer(keyedBy: Names.self)
      switch fields.allKeys.first {
      case .input: parts.append(.input(try fields.decode(CommandInput.self, forKey: .input)))
      case .file: parts.append(.file(try fields.decode(SourceFile.self, forKey: .file)))
      case .folder: parts.append(.folder(try fields.decode(SourceFolder.self, forKey: .folder)))
      case .output: parts.append(.output(try fields.decode(String.self, forKey: .output)))
      case .threads: parts.append(.threads)
      case .seed: parts.append(.seed(try fields.decode(Seed.self, forKey: .seed)))
      case .text, nil: parts.append(.text(try fields.decode(String.self, forKey: .text)))
      }
    }
  }
}
