import Declaring

/// The notes of a delivery that may be written: those in whose place nobody else has put or changed a file.
struct DeliveredNotes {
  private var notes: [(note: DeliveryNote, file: DeliveryManifest.File)] = []
  private let folder: FilePath
  private let old: [DeliveryManifest.File]

  /// - Parameter old: what an earlier delivery wrote.
  init(_ notes: [DeliveryNote], in folder: FilePath, old: DeliveryManifest?) throws {
    self.folder = folder
    self.old = old?.files ?? []
    for note in notes {
      let name = FilePath(note.name)
      guard name.isRelative, name.components.count == 1, name.components.first?.kind == .regular,
        note.name != DeliveryManifest.name
      else {
        throw RetortError(
          "deliver.note", "“\(note.name)” is no plain name of a file.", at: Place(field: "notes"), blame: .stage)
      }
      let file = DeliveryManifest.File(path: note.name, digest: Digest(of: note.bytes), bytes: note.bytes.count)
      if try isFree(for: file) { self.notes.append((note, file)) }
    }
  }

  private func isFree(for file: DeliveryManifest.File) throws -> Bool {
    let path = folder.appending(file.path)
    guard let status = try Files.status(of: path, followsLinks: false) else { return true }
    guard status.kind == .file else { return false }
    let present = try Files.digest(of: path).digest
    return present == file.digest || old.contains { $0.path == file.path && $0.digest == present }
  }

  /// Gives way to files of the result itself.
  mutating func leaveOut(_ paths: Set<String>) { notes.removeAll { paths.contains($0.file.path) } }

  var files: [DeliveryManifest.File] { notes.map(\.file) }

  /// What earlier deliveries wrote in their places: until they are replaced, it is Retort's.
  var earlier: [DeliveryManifest.File] {
    old.filter { file in notes.contains { $0.file.path == file.path && $0.file.digest != file.digest } }
  }

  func areListed(in manifest: DeliveryManifest) -> Bool {
    files.allSatisfy { file in manifest.files.contains { $0.path == file.path && $0.digest == file.digest } }
  }

  /// Writes those that differ from what lies there, and returns their number.
  func write() throws -> Int {
    var written = 0
    for (note, file) in notes {
      let path = folder.appending(file.path)
      if try Files.status(of: path) != nil, try Files.digest(of: path).digest == file.digest { continue }
      try Files.replace(path, with: note.bytes, isDurable: false)
      written += 1
    }
    return written
  }
}
