import Artifacts
import Declaring
import Foundation
import RetortTesting

/// Reads a number from a file; blanks around it change the file and not the number.
struct ReadNumber: Stage {
  static let id = "test.read-number"
  static let version = 1
  var file: SourceFile

  init(_ file: SourceFile) { self.file = file }

  func run(_ context: StageContext) async throws -> Number {
    Number(Self.number(in: String(decoding: try Files.read(context.load(file)), as: UTF8.self)))
  }

  static func number(in text: String) -> Int { Int(text.filter { !$0.isWhitespace }) ?? 0 }
}

/// What a person does to a pipeline between two runs.
enum SketchEdit: String, CaseIterable {
  case option, content, blanks, touch, label, add, remove, nothing
}

extension Sketch {
  /// Changes the sketch, or the files beside it.
  mutating func apply(_ edit: SketchEdit, using random: inout Seeded) throws {
    switch edit {
    case .option: self.edit(using: &random)
    case .content:
      guard let file = files.indices.randomElement(using: &random) else { return }
      files[file] = String(Int.random(in: 0..<6, using: &random))
      try writeFiles()
    case .blanks:
      // The import runs again and gives the same number: nothing below it may run.
      guard let file = files.indices.randomElement(using: &random) else { return }
      files[file] += " "
      try writeFiles()
    case .touch: try writeFiles()
    case .label:
      guard let node = nodes.indices.randomElement(using: &random) else { return }
      renamed[node] = "n\(node)-\(Int.random(in: 0..<1_000_000, using: &random))"
    case .add:
      let before = nodes.count
      nodes.append(node(at: before, using: &random))
      roots.append(before)
    case .remove: if roots.count > 1 { roots.remove(at: Int.random(in: 0..<roots.count, using: &random)) }
    case .nothing: break
    }
  }

  func writeFiles() throws {
    for (number, text) in files.enumerated() {
      try Files.replace(folder.appending("file-\(number)"), with: Array(text.utf8), isDurable: false)
    }
  }
}
