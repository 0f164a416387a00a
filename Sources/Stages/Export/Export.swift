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
/// Of a model with pruned heads or of integers, which transformers does not have, its form is the dense equivalent
/// (`PlainModel`), as large as before; an ONNX file beside it stays small.
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
    if isEquivalent(facts) {
      forecast.require(!forms.contains(.retort), "forms", Self.twoForms, remedy: Self.twoFormsRemedy)
    }
    for form in forms where !ExportForm.known.contains(form) {
      forecast.fault(
        "forms", "There is no form “\(form.rawValue)”.", remedy: "Export as .huggingFace, as .onnx, or as .retort.")
    }
    do { _ = try onnx.checked } catch { forecast.fault("onnx.opset", error) }
    forecast.require(
      !destination.path.isEmpty, "destination", "There is no folder to export to.", remedy: "Name one.")
    return isEquivalent(facts) ? facts.ofPlainModel : facts
  }

  public func run(_ context: StageContext) async throws -> Model<Kind> {
    let model = try context.load(model)
    guard forms.contains(.huggingFace) else {
      if forms.contains(.retort) { _ = try InferenceModel(folder: model.folder) }  // Reading a folder proves it.
      return try adding(to: model, isCopied: forms.contains(.retort), in: context)
    }
    let plain = try PlainModel(reading: model.folder)
    guard !plain.isAsStored else { return try adding(to: model, isCopied: true, in: context) }
    guard !forms.contains(.retort) else {
      throw RetortError("export.forms", Self.twoForms, remedy: Self.twoFormsRemedy, at: Place(field: "forms"))
    }
    let folder = try context.folder()
    try plain.write(to: folder)
    if forms.contains(.onnx) { try ONNXModel(folder: model.folder, options: onnx).write(intoFolder: folder) }
    return Model(folder: folder, facts: model.facts.asPlain(plain.checkpoint.bert))
  }

  /// The model's own folder, or nothing of it, with an ONNX file if that was asked for.
  private func adding(to model: Model<Kind>, isCopied: Bool, in context: StageContext) throws -> Model<Kind> {
    // What lies in the store is such a folder already: returning it copies nothing.
    guard forms.contains(.onnx) else { return model }
    let folder = try context.folder()
    if isCopied {
      try Files.copyFolder(model.folder, into: folder)
      try ONNXModel(folder: model.folder, options: onnx).write(intoFolder: folder)
    } else {
      try ONNXModel.export(model.folder, into: folder, options: onnx)
    }
    return Model(folder: folder, facts: model.facts)
  }

  /// Whether the folder will hold a dense equivalent of the model rather than the model.
  func isEquivalent(_ facts: Facts) -> Bool { forms.contains(.huggingFace) && !facts.isOfPlainModel }

  private static var twoForms: String {
    "transformers has no form for this model, so .huggingFace writes a dense equivalent; .retort would be in its way."
  }
  private static var twoFormsRemedy: String { "Export the two forms into two folders." }
}
