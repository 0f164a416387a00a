import Artifacts
import Declaring
import Foundation
import RetortTesting
import Training

@testable import Stages

/// Inputs without content, for tests of keys and forecasts.
struct Stubs {
  let services: FakeServices

  init(_ services: FakeServices = FakeServices()) { self.services = services }

  func corpus() throws -> Ref<Corpus> { try services.input(Corpus(folder: "/none")) }
  func vocabulary(_ facts: Facts = .unknown) throws -> Ref<Vocabulary> {
    try services.input(Vocabulary(folder: "/none", facts: facts))
  }
  func model<Kind: ModelKind>(_ kind: Kind.Type, _ facts: Facts = .unknown) throws -> Ref<Model<Kind>> {
    try services.input(Model<Kind>(folder: "/none", facts: facts))
  }
  func data(_ facts: Facts = .unknown) throws -> Ref<TaskData<Classification>> {
    try services.input(TaskData<Classification>(folder: "/none", facts: facts))
  }
  func splits<Kind: TaskKind>(_ kind: Kind.Type, _ facts: Facts = .unknown) throws -> Ref<TaskSplits<Kind>> {
    let part = TaskData<Kind>(folder: "/none", facts: facts)
    return try services.input(TaskSplits(train: part, dev: part, test: part))
  }
  func task(_ facts: Facts = .unknown) throws -> Ref<TaskSplits<Classification>> {
    let part = TaskData<Classification>(folder: "/none", facts: facts)
    return try services.input(TaskSplits(train: part, dev: part, test: part))
  }
}

func facts(_ change: (inout Facts) -> Void) -> Facts {
  var facts = Facts()
  change(&facts)
  return facts
}

/// A file with this content in a folder of its own, which is removed in the end.
final class Scratch {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("retort-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func file(_ name: String, _ bytes: [UInt8]) throws -> SourceFile {
    let url = folder.appendingPathComponent(name)
    try Data(bytes).write(to: url)
    return SourceFile(url.path)
  }

  func file(_ name: String, _ text: String) throws -> SourceFile { try file(name, Array(text.utf8)) }
}

/// The bytes of all files of a folder, by name.
func files(of folder: FilePath) throws -> [String: [UInt8]] {
  var files: [String: [UInt8]] = [:]
  for name in try Files.names(in: folder) { files[name] = try Files.read(folder.appending(name)) }
  return files
}
