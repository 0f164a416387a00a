import Declaring

/// A program as it was found on this machine. The key holds its name and its content, never where it lies.
public struct CommandProgram: Hashable, Sendable, CanonicallyEncodable, Decodable {
  /// As the pipeline names it: a name to look up in `PATH`, or a path.
  var name: String
  /// The file; nil where there is none.
  var file: SourceFile?

  /// - Parameter path: the folders to look in, with colons between.
  init(_ name: String, path: String) {
    self.name = name
    file = Self.find(name, in: path).map { SourceFile($0) }
  }

  /// What the program is called in the key.
  var plainName: String { FilePath(name).lastComponent?.string ?? name }

  private struct Keyed: Encodable {
    var name: String
    var content: SourceFile?
  }

  public func encodeCanonically(into slot: CanonicalSlot) throws {
    try slot.write(Keyed(name: plainName, content: file))
  }

  private enum Names: CodingKey { case name, file }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Names.self)
    name = try fields.decode(String.self, forKey: .name)
    file = try fields.decodeIfPresent(SourceFile.self, forKey: .file)
  }

  public func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    var fields = encoder.container(keyedBy: Names.self)
    try fields.encode(name, forKey: .name)
    try fields.encodeIfPresent(file, forKey: .file)
  }

  /// The first file of that name that may be executed. Links are not resolved: a virtual environment of Python's is known
  /// by the link.
  private static func find(_ name: String, in path: String) -> FilePath? {
    if name.isEmpty { return nil }
    if name.contains("/") { return isProgram(FilePath(name)) ? FilePath(name).absolute : nil }
    return folders(of: path).lazy.map { $0.appending(name) }.first(where: isProgram)?.absolute
  }

  private static func folders(of path: String) -> [FilePath] { path.split(separator: ":").map { FilePath(String($0)) } }

  private static func isProgram(_ path: FilePath) -> Bool {
    guard (try? Files.status(of: path))?.kind == .file else { return false }
    return Files.isExecutable(path)
  }

  /// What is wrong with a program that was not found.
  static func fault(_ name: String, in path: String) -> RetortError {
    func fault(_ message: String, _ remedy: String) -> RetortError {
      RetortError("command.missing", message, remedy: remedy, at: Place(field: "program"))
    }
    guard !name.isEmpty else { return fault("The command names no program.", "Name one, such as “python3”.") }
    if name.contains("/") {
      let there = (try? Files.status(of: FilePath(name))) ?? nil
      return there == nil
        ? fault("There is no program “\(name)”.", "Check the path: it counts from the folder that you are in.")
        : fault("“\(name)” may not be executed.", "Give yourself the right (chmod +x), or call its interpreter.")
    }
    let names = folders(of: path).flatMap { (try? Files.namesIfThere(in: $0)) ?? [] }
    let hint = Spelling.suggestion(for: name, among: names)
    return fault(
      "There is no program “\(name)” in PATH.",
      hint.map { "Did you mean “\($0)”?" } ?? "Install it, or give its path.")
  }
}

extension FilePath {
  /// As seen from the folder that this process is in.
  var absolute: FilePath {
    isAbsolute ? self : Files.currentFolder.pushing(self).lexicallyNormalized()
  }
}
