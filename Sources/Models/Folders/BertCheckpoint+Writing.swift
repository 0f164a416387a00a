import Artifacts
import Tensors

extension BertCheckpoint {
  /// Writes `config.json` and `model.safetensors` into a folder that exists; equal models give equal bytes.
  ///
  /// - Throws: `model.notFinite` naming the tensor, before anything is written; errors of writing.
  public func write(to folder: FilePath) throws {
    for entry in bert.layout.entries where values.nonFiniteCount(entry.range) > 0 {
      throw refusal(
        "model.notFinite", "Tensor “\(entry.name)” holds NaN or an infinity.", field: entry.name,
        remedy: "Lower the learning rate.")
    }
    let text = try FolderConfiguration(bert.configuration, head: bert.head, others: otherSettings).text()
    try Files.replace(folder.appending(FolderConfiguration.name), with: Array(text.utf8), isDurable: false)
    let tensors = bert.layout.entries.map { entry in
      StoredTensor(
        name: StoredNames.written(entry.name, head: bert.head), type: .f32, shape: entry.shape, values: values,
        range: entry.range)
    }
    try SafetensorsWriter.write(tensors, metadata: ["format": "pt"], to: folder.appending(Self.weightsName))
  }
}

extension StoredTensor {
  /// An F32 tensor that is copied out of a flat buffer only while it is written.
  init(name: String, type: ElementType, shape: [Int], values: FlatBuffer<Float>, range: Range<Int>) {
    self.init(name: name, type: type, shape: shape) {
      try StoredTensor(name, shape: shape, floats: values[range]).bytes()
    }
  }
}
