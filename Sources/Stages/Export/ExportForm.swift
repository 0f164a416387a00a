/// What an exported model looks like.
public struct ExportForm: RawRepresentable, Sendable, Hashable, Codable {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  /// A folder that `from_pretrained` of Hugging Face's transformers loads.
  public static let huggingFace = ExportForm(rawValue: "huggingFace")
  /// The folder as Retort has it, of any precision and with blocks of any widths: `retort predict` reads it.
  public static let retort = ExportForm(rawValue: "retort")
  /// `onnx/model.onnx`, or `onnx/model_quantized.onnx` for an int8 model, of blocks of any widths, beside `config.json`
  /// and the tokenizer's files: ONNX Runtime computes it.
  public static let onnx = ExportForm(rawValue: "onnx")

  static let known: [ExportForm] = [.huggingFace, .retort, .onnx]
}
