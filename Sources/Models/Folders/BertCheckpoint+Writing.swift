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
    let names = StoredNames(of: bert)
    let tensors = bert.layout.entries.map { entry in
      StoredTensor(names.written(entry.name), entry, of: values, as: storedType(of: entry))
    }
    try SafetensorsWriter.write(tensors, metadata: ["format": "pt"], to: folder.appending(Self.weightsName))
  }
}

extension BertCheckpoint {
  /// How a parameter is written: as it was stored, where that holds its values to the bit.
  private func storedType(of entry: ParameterLayout.Entry) -> ElementType {
    let elements = values.buffer[entry.range]
    switch storedTypes[entry.name] {
    case .f16? where elements.allSatisfy({ HalfPrecision.float(fromF16: HalfPrecision.f16(from: $0)) == $0 }):
      return .f16
    case .bf16? where elements.allSatisfy({ HalfPrecision.float(fromBF16: HalfPrecision.bf16(from: $0)) == $0 }):
      return .bf16
    default: return .f32
    }
  }
}

extension StoredTensor {
  /// A parameter that is copied out of a flat buffer only while it is written.
  init(_ name: String, _ entry: ParameterLayout.Entry, of values: FlatBuffer<Float>, as type: ElementType) {
    let isTransposed = StoredNames.isTransposed(entry.name)
    let shape = isTransposed ? entry.shape.reversed() : entry.shape
    self.init(name: name, type: type, shape: shape) {
      let floats = isTransposed ? values[entry.range].transposed(columns: entry.shape[1]) : values[entry.range]
      return switch type {
      case .f16: try StoredTensor(name, shape: shape, asF16: floats).bytes()
      case .bf16: try StoredTensor(name, shape: shape, asBF16: floats).bytes()
      default: try StoredTensor(name, shape: shape, floats: floats).bytes()
      }
    }
  }
}
