import Artifacts

// A folder as Optimum lays it out: configuration and tokenizer for those who prepare inputs, the graph in `onnx/`.
extension ONNXModel {
  /// Where the file lies in a folder: `onnx/model.onnx`, or `onnx/model_quantized.onnx` for one of integers.
  public var place: FilePath { FilePath("onnx").appending(isQuantized ? "model_quantized.onnx" : "model.onnx") }

  /// Writes the file at its place in a folder that exists.
  ///
  /// - Throws: What `write(to:)` throws.
  public func write(intoFolder folder: FilePath) throws {
    let path = folder.appending(place.components)
    try Files.makeFolder(path.removingLastComponent())
    try write(to: path)
  }

  /// Makes such a folder, which exists, of a model's folder: `config.json`, the tokenizer's files, the ONNX file.
  ///
  /// `config.json` describes a plain dense BERT, so that other tools take labels and limits from it; widths of pruned
  /// blocks and integers stand in the graph alone.
  ///
  /// - Throws: What reading the model and `write(to:)` throw.
  @discardableResult
  public static func export(_ folder: FilePath, into target: FilePath, options: Options = Options()) throws -> ONNXModel
  {
    let stored = try FolderConfiguration(folder: folder)
    let tokenizer = try ModelFolder.tokenizer(of: folder, for: stored.configuration)
    let model = try ONNXModel(folder: folder, options: options)
    try model.write(intoFolder: target)
    var configuration = stored.configuration
    configuration.blockShapes = nil
    let text = try FolderConfiguration(configuration, head: stored.head, others: stored.others).text()
    try Files.replace(target.appending(FolderConfiguration.name), with: Array(text.utf8), isDurable: false)
    try tokenizer.write(to: target)
    return model
  }
}
