/// What went wrong, in data: a stable code, a sentence for the user, where it happened, how to mend it, and whose it is.
///
/// Everything throws this as data; one file of the command line renders it.
public struct RetortError: Error, Sendable {
  /// A stable name that programs may compare, such as `file.truncated`.
  public struct Code: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { self.rawValue = value }
    public var description: String { rawValue }
  }

  /// Whose fault it is, which decides what the user is told to do.
  public enum Blame: String, Sendable, Codable {
    /// The user's files, options or pipeline.
    case input
    /// The machine: a full disk, a missing library, a permission.
    case environment
    /// The stage's own code.
    case stage
    /// Retort itself.
    case `internal`
  }

  public var code: Code
  public var message: String
  /// What the user can do about it; empty where nothing is known.
  public var remedy: String
  public var place: Place
  public var blame: Blame
  /// True where the same call may succeed later, so that a retry is worth its time.
  public var isTransient: Bool
  /// The error below this one, where there is one.
  public var cause: (any Error)?

  public init(
    _ code: Code, _ message: String, remedy: String = "", at place: Place = Place(), blame: Blame = .input,
    isTransient: Bool = false, cause: (any Error)? = nil
  ) {
    self.code = code
    self.message = message
    self.remedy = remedy
    self.place = place
    self.blame = blame
    self.isTransient = isTransient
    self.cause = cause
  }

  /// The same error, with the parts of `place` that it did not know yet.
  public func located(_ place: Place) -> RetortError {
    var copy = self
    copy.place = self.place.completed(by: place)
    return copy
  }
}

/// Where something went wrong: any part may be unknown.
public struct Place: Hashable, Sendable, Codable {
  /// The label of a stage in the pipeline.
  public var stage: String?
  /// A file's path.
  public var file: String?
  /// A line in `file`, from 1.
  public var line: Int?
  /// A column in `line`, from 1, in Unicode scalars.
  public var column: Int?
  /// A stage's option, a file's field or a tensor's name.
  public var field: String?

  public init(
    stage: String? = nil, file: String? = nil, line: Int? = nil, column: Int? = nil, field: String? = nil
  ) {
    self.stage = stage
    self.file = file
    self.line = line
    self.column = column
    self.field = field
  }

  func completed(by other: Place) -> Place {
    Place(
      stage: stage ?? other.stage, file: file ?? other.file, line: line ?? other.line,
      column: column ?? other.column, field: field ?? other.field)
  }
}

extension RetortError: CustomStringConvertible {
  public var description: String {
    var parts: [String] = []
    if let stage = place.stage { parts.append("stage “\(stage)”") }
    if let file = place.file {
      parts.append(
        [file, place.line.map(String.init), place.column.map(String.init)].compactMap { $0 }.joined(separator: ":"))
    }
    if let field = place.field { parts.append("\(field)") }
    let head = parts.isEmpty ? "" : parts.joined(separator: ", ") + ": "
    return head + message + (remedy.isEmpty ? "" : " " + remedy)
  }
}
