import ArgumentParser
import Inspecting
import Models
import Retort
import Storing

/// Writes a model for other programs, or an artifact with its lineage for other caches.
struct ExportCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a model for other programs, or any artifact with its lineage.",
    discussion: """
      An ONNX folder holds config.json, the tokenizer's files and onnx/model.onnx, or onnx/model_quantized.onnx for an \
      int8 model. Pruned blocks keep their small shapes.

      A folder in Hugging Face's form holds config.json, model.safetensors and the tokenizer's files. Of a model with \
      pruned heads, or of integers, it is the dense equivalent: other tools have no such models.

      A bundle is one file with any artifact of the cache and everything that it was made from: recipes, records and \
      contents, each verified by its digest when `retort import` reads it. Equal artifacts give equal bundles.

      EXAMPLES
        retort export out/sst2 --output out/sst2-onnx
        retort export int8 --as onnx --output out/int8-onnx --force
        retort export pruned --as huggingFace --output out/pruned-dense
        retort export student --as bundle --output student.retort
      """)

  /// The forms that this command writes.
  enum Form: String, CaseIterable, ExpressibleByArgument { case onnx, huggingFace, bundle }

  @Argument(help: "A model's folder, or a label or the beginning of a digest in the cache.") var model: String
  @Option(name: .customLong("as"), help: "The form.") var form = Form.onnx
  @Option(name: .shortAndLong, help: ArgumentHelp("The folder to write; for a bundle the file.", valueName: "path"))
  var output: String
  @Option(help: "The version of ONNX's standard operators.") var opset = 18
  @Option(
    help: """
      How an int8 model quantizes activations: standard (DynamicQuantizeLinear, fast), or exact (Retort's integers; an \
      answer does not depend on its batch).
      """)
  var activations = ONNXActivations.standard
  @Flag(help: "Write into a folder that is there and holds something; files of the same names are replaced.")
  var force = false
  @OptionGroup var cache: CacheOptions
  @OptionGroup var answer: JSONOption

  func execute() async throws -> ProgramStatus {
    let target = FilePath(output)
    if form == .bundle { return try writeBundle(to: target) }
    if let status = try Files.status(of: target), !force {
      guard status.kind == .folder, try Files.names(in: target).isEmpty else {
        throw RetortError(
          "export.exists", "There is something in the way already.",
          remedy: "Choose another folder, or replace what is there with --force.", at: Place(file: output))
      }
    }
    let source = try ModelPlace.find(model, cache: cache.cache)
    let options = try ONNXModel.Options(opset: opset, activations: activations).checked
    try Files.makeFolder(target)
    let (file, bytes) = try write(source, into: target, options: options)
    if answer.json {
      Streams.outputLine(JSONLine.fields(["file": .string(file), "bytes": .integer(bytes)]).line)
    } else {
      Streams.outputLine("Wrote \(file) (\(Figures.bytes(bytes))).")
    }
    return .fine
  }

  private func writeBundle(to target: FilePath) throws -> ProgramStatus {
    if let status = try Files.status(of: target), !force || status.kind != .file {
      throw RetortError(
        "export.exists", "There is something in the way already.",
        remedy: status.kind == .file ? "Choose another file, or replace it with --force." : "Name a file.",
        at: Place(file: output))
    }
    let inspector = try Inspector(at: FilePath(cache.cache))
    let finding = try inspector.artifact(model)
    var parent = target
    if parent.removeLastComponent(), !parent.isEmpty { try Files.makeFolder(parent) }
    let labels = try Labels(inspector.cache)
    let report = try inspector.cache.exportBundle(of: finding.execution, labels: labels.names, to: target)
    if answer.json {
      Streams.outputLine(
        JSONLine.fields([
          "file": .string(output), "bytes": .integer(report.bytes), "seal": .string(report.seal.hex),
          "digest": .string(report.digest.hex), "results": .integer(report.results),
        ]).line)
    } else {
      Streams.outputLine(
        "Wrote \(output) (\(Figures.bytes(report.bytes))): “\(report.label)” with \(Figures.counted(report.results - 1, "result")) that it was made from."
      )
      Streams.outputLine("Its seal is \(report.seal.hex).")
    }
    return .fine
  }

  /// - Returns: what was written, and its bytes.
  private func write(_ source: FilePath, into target: FilePath, options: ONNXModel.Options) throws -> (String, Int) {
    switch form {
    case .onnx:
      let written = try ONNXModel.export(source, into: target, options: options)
      return (target.appending(written.place.components).string, try written.byteCount())
    case .bundle: throw RetortError("export.form", "A bundle is no folder.", blame: .internal)
    case .huggingFace:
      try PlainModel(reading: source).write(to: target)
      return (target.string, try ModelFolder.bytes(in: target))
    }
  }
}

extension ONNXActivations: ExpressibleByArgument {}
