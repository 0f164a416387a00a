import Foundation
import Testing

/// `retort export` as a user calls it.
struct ExportTests {
  @Test func writesRefusesAndReplaces() throws {
    let folder = try TemporaryFolder("export")
    let quickstart = Quickstart(in: folder.url)
    _ = try quickstart.succeed()
    func export(_ arguments: String...) throws -> BuiltProgram.Result {
      try BuiltProgram("retort", in: folder.url).run(["export"] + arguments)
    }
    for (model, file) in [("student", "model.onnx"), ("pruned", "model.onnx"), ("int8", "model_quantized.onnx")] {
      let result = try export(model, "--output", "out/\(model)-onnx", "--json")
      #expect(result.status == 0, "\(result.errors)")
      let written = folder.url.appending(path: "out/\(model)-onnx/onnx/\(file)")
      let bytes = try FileManager.default.attributesOfItem(atPath: written.path)[.size] as? Int
      #expect(result.output.contains("\"bytes\": \(bytes ?? -1)"))
    }
    // What other tools have no form for comes out dense.
    let dense = folder.url.appending(path: "out/dense")
    #expect(try export("int8", "--as", "huggingFace", "--output", "out/dense").status == 0)
    let settings = try String(contentsOf: dense.appending(path: "config.json"), encoding: .utf8)
    #expect(settings.contains("\"model_type\": \"bert\"") && !settings.contains("retort_"))
    let answers = try BuiltProgram("retort", in: folder.url).run(["predict", "out/dense", "a fine film"])
    #expect(answers.status == 0, "\(answers.errors)")
    let again = try export("student", "--output", "out/student-onnx")
    #expect(again.status == 1 && again.errors.contains("--force"), "\(again.errors)")
    #expect(try export("student", "--output", "out/student-onnx", "--force").status == 0)
    let old = try export("student", "--output", "out/old", "--opset", "11")
    #expect(old.status == 1 && old.errors.contains("18 to 21"), "\(old.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.url.appending(path: "out/old").path))
  }
}
