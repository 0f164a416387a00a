import Testing

@testable import Fingerprinting

/// Which files stand behind a stage.
struct CodeMapTests {
  private let files: [(name: String, text: String)] = [
    ("a/Train.swift", "public struct Train<Kind: Task>: Stage { func run() { Trainer().go(); facts.wide } }"),
    ("a/Train+Facts.swift", "extension Train { var more: Helper? { nil } }"),
    ("a/Trainer.swift", "struct Trainer { func go() {} }"),
    ("a/Helper.swift", "struct Helper {} // Lonely"),
    ("a/Facts.swift", "extension Facts { var wide: Bool { Deep.value } }"),
    ("a/Deep.swift", "enum Deep { static let value = true }"),
    ("a/Lonely.swift", "struct Lonely {}"),
    (
      "b/Deliver.swift",
      "protocol Shipping: Delivering {}\nstruct Deliver: Shipping, Sendable { let train = \"Trainer\" }"
    ),
    ("b/Hidden.swift", "private struct Hidden: Stage {}\nfunc f() { struct Local: Stage {} }"),
    ("b/Own.swift", "struct Own: Stage { static var codeFingerprint: CodeFingerprint? { nil } }"),
    ("b/Outer.swift", "enum Outer { struct Inner: Stage {} }\nextension Later: Stage {}\nstruct Later {}"),
  ]

  @Test func stagesAndTheirFiles() {
    let map = CodeMap(files: files)
    #expect(map.stages.map(\.type) == ["Deliver", "Later", "Outer.Inner", "Train"])
    #expect(map.stages.first?.files == ["b/Deliver.swift"])
    #expect(
      map.stages.last?.files == [
        "a/Deep.swift", "a/Facts.swift", "a/Helper.swift", "a/Train+Facts.swift", "a/Train.swift", "a/Trainer.swift",
      ])
  }

  @Test func aChangeIsSeenInItsFileAlone() {
    let before = CodeMap(files: files).hashes
    var edited = files
    edited[2].text += "\nlet x = 1"
    edited[3].text += " // more"
    let after = CodeMap(files: edited).hashes
    #expect(before.keys.filter { before[$0] != after[$0] } == ["a/Trainer.swift"])
  }

  @Test func theGeneratedFile() {
    let text = CodeMap(files: [files[6], ("c/Do.swift", "struct Do: Stage {}")]).generatedSource(
      importing: "Declaring", shared: "00ff")
    #expect(text.contains("import Declaring\n"))
    #expect(text.contains("extension Do {\n  public static var codeFingerprint: CodeFingerprint? {\n"))
    #expect(text.contains("      c/Do.swift=") && text.contains("      shared=00ff\n") && !text.contains("Lonely"))
  }

  @Test func sharedFilesAreOneHash() {
    let files = [("T/a.swift", "let a = 1"), ("C/b.h", "int b;")]
    let hash = CodeMap.hash(ofShared: files)
    #expect(CodeMap.hash(ofShared: files.reversed()) == hash)
    #expect(CodeMap.hash(ofShared: [("T/a.swift", "let a = 1 // one"), ("C/b.h", "int  b; /* b */")]) == hash)
    #expect(CodeMap.hash(ofShared: [("T/a.swift", "let a = 1"), ("C/b.h", "int c;")]) != hash)
    #expect(CodeMap.hash(ofShared: [("T/a.swift", "let a = 1")]) != hash)
  }
}
