import Declaring
import Models
import Training

/// Puts a model into a folder of the user's, in forms that other tools read.
///
/// ```swift
/// Export(student, to: "out/student")                            // Hugging Face
/// Export(student, as: .huggingFace, .onnx, to: "out/student")   // the same, and onnx/model.onnx in it
/// Export(int8, as: .onnx, to: "out/int8")                       // onnx/model_quantized.onnx alone
/// ```
public struct Export<Kind: ModelKind>: Delivering {
  public static var id: String { "export.\(Kind.name)" }
  public static var version: Int { 1 }

  var model: Ref<Model<Kind>>
  var forms: [ExportForm]
  var onnx: ONNXModel.Options
  public var destination: Destination
  var card: ModelCard?

  /// - Parameters:
  ///   - forms: what the folder holds, together; Hugging Face's form where none is named.
  ///   - onnx: how an ONNX file is written: the version of its operators, the form of an int8 model's activations.
  ///   - destination: a folder; only what an earlier export put there is replaced.
  ///   - card: what its README.md says beyond what the run knows; nil writes none.
  public init(
    _ model: Ref<Model<Kind>>, as forms: ExportForm..., onnx: ONNXModel.Options = .init(), to destination: Destination,
    card: ModelCard? = ModelCard()
  ) {
    self.model = model
    self.forms = forms.isEmpty ? [.huggingFace] : forms
    self.onnx = onnx
    self.destination = destination
    self.card = card
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    let facts = forecast[model]
    if forms.contains(.huggingFace) {
      if let precision = facts.precision {
        forecast.require(
          precision == "f32", "model", "A model of precision \(precision) has no form in transformers.",
          remedy: "Export the model before quantization, or as .retort or .onnx.")
      }
      forecast.require(!facts.hasUnlikeBlocks, "model", Self.unlikeBlocks, remedy: Self.unlikeBlocksRemedy)
    }
    for form in forms where !ExportForm.known.contains(form) {
      forecast.fault(
        "forms", "There is no form “\(form.rawValue)”.", remedy: "Export as .huggingFace, as .onnx, or as .retort.")
    }
    do { _ = try onnx.checked } catch { forecast.fault("onnx.opset", error) }
    forecast.require(
      !destination.path.isEmpty, "destination", "There is no folder to export to.", remedy: "Name one.")
    return facts
  }

  public func run(_ context: StageContext) async throws -> Model<Kind> {
    let model = try context.load(model)
    let isCopied = forms.contains(.huggingFace) || forms.contains(.retort)
    if isCopied { try check(model) }
    guard forms.contains(.onnx) else {
      // What lies in the store is such a folder already: returning it copies nothing.
      return model
    }
    let folder = try context.folder()
    if isCopied {
      try Files.copyFolder(model.folder, into: folder)
      try ONNXModel(folder: model.folder, options: onnx).write(intoFolder: folder)
    } else {
      try ONNXModel.export(model.folder, into: folder, options: onnx)
    }
    return Model(folder: folder, facts: model.facts)
  }

  /// Reading a folder proves it.
  private func check(_ model: Model<Kind>) throws {
    guard forms.contains(.huggingFace) else {
      _ = try InferenceModel(folder: model.folder)
      return
    }
    let stored = try StoredModel(reading: model.folder)
    guard stored.bert.configuration.blockShapes == nil else {
      throw RetortError("export.blocks", Self.unlikeBlocks, remedy: Self.unlikeBlocksRemedy, at: Place(field: "model"))
    }
  }

  private static var unlikeBlocks: String {
    "Its heads were pruned, or its blocks differ: transformers has no such BERT."
  }
  private static var unlikeBlocksRemedy: String { "Export as .onnx or .retort, or prune only neurons, evenly." }
}
