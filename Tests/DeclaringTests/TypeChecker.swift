import Foundation

/// Type-checks a file against the modules that this test was built with, as a user's compiler would.
struct TypeChecker {
  /// What a compiler says at one line.
  struct Complaint: Hashable {
    var line: Int
    var message: String
  }

  /// Why there is nothing to check with.
  struct Unavailable: Error, CustomStringConvertible {
    var description: String
  }

  private let modules: URL
  private let moduleMaps: [URL]

  init() throws {
    let program = URL(fileURLWithPath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
    let running = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    var folders: [URL] = []
    for start in [running, program] {
      var folder = start.deletingLastPathComponent()
      while folder.pathComponents.count > 1 {
        folders.append(folder)
        folder.deleteLastPathComponent()
      }
    }
    guard let products = folders.first(where: { Self.exists($0.appending(path: "Modules/Declaring.swiftmodule")) })
    else { throw Unavailable(description: "no built modules beside \(running.path)") }
    modules = products.appending(path: "Modules")
    let checkouts = folders.map { $0.appending(path: "checkouts") }.first(where: Self.exists)
    moduleMaps =
      (["CKernels", "CChildren", "CTransfers"].map { products.appending(path: "\($0).build/module.modulemap") }
      + (checkouts.map { [$0.appending(path: "swift-system/Sources/CSystem/include/module.modulemap")] } ?? []))
      .filter(Self.exists)
  }

  func hasModule(_ name: String) -> Bool { Self.exists(modules.appending(path: "\(name).swiftmodule")) }

  /// All errors of a file, with its lines from 1.
  func errors(in source: URL) throws -> Set<Complaint> {
    let folder = FileManager.default.temporaryDirectory.appending(path: "retort-check-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "Pipelines.swift")
    try FileManager.default.copyItem(at: source, to: file)

    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["swiftc", "-typecheck", "-swift-version", "6", "-parse-as-library", "-I", modules.path, "-no-color-diagnostics"]
      + ["-diagnostic-style", "llvm", "-module-cache-path", folder.appending(path: "cache").path]
      + moduleMaps.flatMap { ["-Xcc", "-fmodule-map-file=\($0.path)"] } + [file.path]
    let output = Pipe()
    process.standardError = output
    process.standardOutput = FileHandle.nullDevice
    do { try process.run() } catch { throw Unavailable(description: "no compiler: \(error)") }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    if process.terminationStatus == 127 { throw Unavailable(description: "no swiftc on the path") }

    var found: Set<Complaint> = []
    for line in text.split(separator: "\n") {
      if let match = line.firstMatch(of: /Pipelines\.swift:(\d+):\d+: error: (.*)/), let number = Int(match.1) {
        found.insert(Complaint(line: number, message: String(match.2)))
      } else if line.contains("<unknown>:0: error:") {
        throw Unavailable(description: "the modules cannot be imported: \(line)")
      }
    }
    return found
  }

  private static func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
}
