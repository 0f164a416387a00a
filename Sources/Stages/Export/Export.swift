import Declaring
import Models
import Training

/// Puts a model into a folder of the user's, in a form that other tools read.
public struct Export<Kind: ModelKind>: Delivering {
  public static var id: String { "export.\(Kind.name)" }
  public static var version: Int { 1 }

  var model: Ref<Model<Kind>>
  var form: ExportForm
  public var destination: Destination
  var card: ModelCard?

  /// - Parameters:
  ///   - destination: a folder; only what an earlier export put there is replaced.
  ///   - card: what its README.md says beyond what the run knows; nil writes none.
  public init(
    _ model: Ref<Model<Kind>>, as form: ExportForm = .huggingFace, to destination: Destination,
    card: ModelCard? = ModelCard()
  ) {
    self.model = model
    self.form = form
    self.destination = destination
    self.card = card
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    let facts = forecast[model]
    if form == .huggingFace {
      if let precision = facts.precision {
        forecast.require(
          precision == "f32", "model", "A model of precision \(precision) has no form in transformers.",
          remedy: "Export the model before quantization, or as .retort.")
      }
      forecast.require(!facts.hasUnlikeBlocks, "model", Self.unlikeBlocks, remedy: Self.unlikeBlocksRemedy)
    }
    forecast.require(
      form == .huggingFace || form == .retort, "form", "There is no form “\(form.rawValue)”.",
      remedy: "Export as .huggingFace, or as .retort.")
    forecast.require(
      !destination.path.isEmpty, "destination", "There is no folder to export to.", remedy: "Name one.")
    return facts
  }

  public func run(_ context: StageContext) async throws -> Model<Kind> {
    // What lies in the store is such a folder already: reading it proves it, returning it copies nothing.
    let model = try context.load(model)
    guard form == .huggingFace else {
      _ = try InferenceModel(folder: model.folder)
      return model
    }
    let stored = try StoredModel(reading: model.folder)
    guard stored.bert.configuration.blockShapes == nil else {
      throw RetortError("export.blocks", Self.unlikeBlocks, remedy: Self.unlikeBlocksRemedy, at: Place(field: "model"))
    }
    return model
  }

  private static var unlikeBlocks: String {
    "Its heads were pruned, or its blocks differ: transformers has no such BERT."
  }
  private static var unlikeBlocksRemedy: String { "Export as .retort, or prune only neurons, evenly." }
}

/// What an exported model looks like.
public struct ExportForm: RawRepresentable, Sendable, Hashable, Codable {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  /// A folder that `from_pretrained` of Hugging Face's transformers loads.
  public static let huggingFace = ExportForm(rawValue: "huggingFace")
  /// The folder as Retort has it, of any precision and with blocks of any widths: `retort predict` reads it.
  public static let retort = ExportForm(rawValue: "retort")
}
