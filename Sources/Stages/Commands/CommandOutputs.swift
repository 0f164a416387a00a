import Declaring

/// Where a program writes its results, and what is read there afterwards.
struct CommandOutputs<Output: StageOutput> {
  /// By port; the empty name for a single one.
  let paths: [String: FilePath]

  init(_ context: StageContext) throws {
    var paths: [String: FilePath] = [:]
    let values = try Self.isFolder.allSatisfy(\.value) ? nil : context.folder("values")
    for (port, isFolder) in Self.isFolder.sorted(by: { $0.key < $1.key }) {
      let name = port.isEmpty ? "output" : port
      paths[port] = try isFolder ? context.folder(name) : values?.appending("\(name).json")
    }
    self.paths = paths
  }

  /// The ports, and whether each is a folder of files; none for a result of another form.
  static var isFolder: [String: Bool] {
    if let bundle = Output.self as? any ArtifactBundle.Type { return folders(of: bundle) }
    return Output.self is any Artifact.Type ? ["": Output.self is any FolderArtifact.Type] : [:]
  }

  private static func folders<Bundle: ArtifactBundle>(of type: Bundle.Type) -> [String: Bool] {
    Dictionary(Bundle.table.map { ($0.name, $0.isFolder) }) { first, _ in first }
  }

  /// Reads what the program wrote as what it is meant to be.
  ///
  /// - Throws: `command.output-missing` with all that is missing, `command.output` with what a reader says.
  func collect() throws -> Output {
    var parts: [String: StoredPart] = [:]
    var missing: [String] = []
    for port in Output.ports {
      guard let path = paths[port.name] else { continue }
      if let content = try content(of: path, isFolder: Self.isFolder[port.name] ?? true) {
        parts[port.name] = try read(content, at: path, port)
      } else {
        missing.append(port.name.isEmpty ? "its output" : "the output “\(port.name)”")
      }
    }
    guard missing.isEmpty else {
      throw RetortError(
        "command.output-missing", "The program ended well, but wrote nothing to \(missing.joined(separator: ", ")).",
        remedy:
          "Let it write to the path that stands for the output in its arguments; what it writes elsewhere is not seen.",
        at: Place(field: "arguments"), blame: .stage)
    }
    let known = parts
    return try Output(
      opening: OutputReader { port in
        guard let part = known[port] else {
          throw RetortError("stage.unknown-port", "The result has no part “\(port)”.", blame: .stage)
        }
        return part
      })
  }

  /// Nil where there is nothing. Only files and folders are opened: a reader would wait at a pipe for ever.
  private func content(of path: FilePath, isFolder: Bool) throws -> Content? {
    guard let status = try Files.status(of: path, followsLinks: false) else { return nil }
    guard status.kind == (isFolder ? .folder : .file) else { throw Self.unexpected(path) }
    if isFolder {
      try requirePlainFiles(in: path)
      return try Files.names(in: path).isEmpty ? nil : .folder(path)
    }
    guard status.bytes <= Self.largestValue else {
      throw RetortError(
        "command.output", "The value that the program wrote has \(status.bytes >> 20) MiB.",
        remedy: "Let it give a folder where there is much.", at: Place(file: path.string), blame: .stage)
    }
    return .value(try Files.read(path))
  }

  private func requirePlainFiles(in folder: FilePath) throws {
    for name in try Files.names(in: folder) {
      let child = folder.appending(name)
      switch try Files.existing(child, followsLinks: false).kind {
      case .file: continue
      case .folder: try requirePlainFiles(in: child)
      case .link, .other: throw Self.unexpected(child)
      }
    }
  }

  private static var largestValue: Int { 256 << 20 }

  private static func unexpected(_ path: FilePath) -> RetortError {
    RetortError(
      "command.output", "The program wrote a link, a device or a pipe, or a folder where a file is expected.",
      remedy: "Let it write plain files into the folder, or a single value into the file, that it was told.",
      at: Place(file: path.string), blame: .stage)
  }

  private func read(_ content: Content, at path: FilePath, _ port: OutputPort) throws -> StoredPart {
    do {
      guard case .folder(let folder) = content else { return StoredPart(content: content, facts: .unknown) }
      return StoredPart(content: content, facts: try WrittenFolder(folder, kind: port.kind).facts())
    } catch {
      let cause = (error as? RetortError)?.message ?? "\(error)"
      let name = port.name.isEmpty ? "output" : "output “\(port.name)”"
      throw RetortError(
        "command.output", "What the program wrote to its \(name) is no \(port.kind): \(cause)",
        remedy: "docs/commands-as-stages.md says what each kind of folder holds.",
        at: (error as? RetortError)?.place ?? Place(file: path.string), blame: .stage, cause: error)
    }
  }
}
