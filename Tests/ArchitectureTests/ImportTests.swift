import Foundation
import Testing

@Suite("The imports are those of the table in docs/architecture.md")
struct ImportTests {
  let table: ImportTable

  init() throws {
    table = ImportTable(markdown: try SourceTree.text(SourceTree.root.appending(path: "docs/architecture.md")))
  }

  /// Modules of the system and the toolchain: anyone may use them.
  static let system: Set = [
    "Foundation", "FoundationEssentials", "FoundationNetworking", "Synchronization", "Glibc", "Musl", "Darwin",
    "Dispatch", "Swift", "Testing",
  ]

  static let targets = [
    "Tensors", "Artifacts", "Supervising", "Declaring", "Planning", "Executing", "Storing", "Inspecting", "Models",
    "Training", "Stages", "Fingerprinting", "Retort", "RetortCLI", "RetortTesting",
  ]

  @Test(
    "Every target stands in the table",
    arguments: targets + ["CKernels", "CChildren", "CThreads", "CTransfers", "CSQLite"])
  func everyTargetIsListed(target: String) {
    #expect(table.allowed[target] != nil)
  }

  @Test("A target imports only what it may", arguments: targets)
  func importsAreAllowed(target: String) throws {
    let allowed = table.closure(of: target).union(Self.system)
    let files = SourceTree.files(below: "Sources/\(target)", suffix: ".swift")
    #expect(!files.isEmpty)
    for file in files {
      let extra = SourceTree.imports(of: try SourceTree.text(file)).subtracting(allowed)
      #expect(extra.isEmpty, "\(SourceTree.relative(file)) imports \(extra.sorted().joined(separator: ", "))")
    }
  }

  @Test(
    "Package products stay where the table puts them",
    arguments: [
      ("CSQLite", ["Storing"]), ("Crypto", ["Artifacts"]), ("ArgumentParser", ["Retort", "RetortCLI"]),
      ("SwiftProtobuf", ["Models"]),
    ])
  func packagesStayInPlace(product: String, homes: [String]) throws {
    for target in Self.targets where !homes.contains(target) {
      for file in SourceTree.files(below: "Sources/\(target)", suffix: ".swift") {
        let imports = SourceTree.imports(of: try SourceTree.text(file))
        #expect(!imports.contains(product), "\(SourceTree.relative(file)) imports \(product)")
      }
    }
  }

  /// Its libraries take the dynamic loader a third of the time of a run with nothing to do (decision 0029).
  @Test(
    "No program loads the large Foundation",
    arguments: targets.filter { !["Fingerprinting", "RetortTesting"].contains($0) })
  func foundationIsSmall(target: String) throws {
    for file in SourceTree.files(below: "Sources/\(target)", suffix: ".swift") where !file.path.hasSuffix(".pb.swift") {
      let imports = SourceTree.imports(of: try SourceTree.text(file))
      #expect(
        !imports.contains("Foundation"), "\(SourceTree.relative(file)) imports Foundation, not FoundationEssentials")
    }
  }

  @Test("The reader of imports knows all their forms")
  func importForms() {
    let text = """
      import A
      @testable import B
      @_exported public import C
      import struct D.Thing
      // import E
      let important = 1
      """
    #expect(SourceTree.imports(of: text) == ["A", "B", "C", "D"])
  }
}
