import FoundationEssentials
import Retort

/// Writes the files of a new pipeline. Nothing that is there is overwritten.
struct Scaffold {
  /// Paths, relative to `root`, with what goes there.
  var files: [(path: String, text: String)] = []
  var root: FilePath

  /// Writes all files, or none where one of them is there already.
  func write() throws {
    for file in files where FileManager.default.fileExists(atPath: root.appending(file.path).string) {
      throw RetortError(
        "new.exists", "\(root.appending(file.path)) is there already.", remedy: "Choose another name.",
        at: Place(file: root.appending(file.path).string))
    }
    for file in files {
      let path = root.appending(file.path)
      do {
        try FileManager.default.createDirectory(
          atPath: path.removingLastComponent().string, withIntermediateDirectories: true)
        try Data(file.text.utf8).write(to: URL(filePath: path.string))
      } catch {
        throw RetortError(
          "new.unwritable", "\(path) cannot be written.", remedy: "Choose a folder that you may write to.",
          at: Place(file: path.string), blame: .environment, cause: error)
      }
    }
  }
}

/// The names of a pipeline: `bert-sst2` is its program, `BertSst2` its type.
struct PipelineName {
  var program: String
  var type: String

  /// Throws for a name that is no name of a Swift target.
  init(_ text: String) throws {
    let words = text.split(whereSeparator: { $0 == "-" || $0 == "_" || $0 == " " })
    let isFit =
      words.first?.first.map { $0.isLetter && $0.isASCII } ?? false
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == " ") }
    guard isFit else {
      throw RetortError(
        "usage.name", "“\(text)” cannot be the name of a program.",
        remedy: "Use letters, digits and dashes, and begin with a letter: retort new my-pipeline.")
    }
    program = words.joined(separator: "-").lowercased()
    let name = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    // A type named like a module it imports would hide it.
    type = ["Retort", "Swift", "Foundation"].contains(name) ? name + "Pipeline" : name
  }
}
