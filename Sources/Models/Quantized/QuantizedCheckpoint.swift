import Artifacts
import Tensors

/// A BERT whose linear layers and embedding tables are integers of 8 bits; biases and layer norms stay f32.
///
/// Its folder has the dense folder's files. `config.json` says `"model_type": "retort-bert-int8"` and names the
/// convention under `retort_quantization`; a matrix `X` is stored as I8 beside its scales, F32 `X.scale`.
public struct QuantizedCheckpoint: Sendable {
  public let bert: Bert
  public let convention: Int8Convention
  /// By the parameter's name in the layout.
  public private(set) var matrices: [String: QuantizedMatrix] = [:]
  public private(set) var vectors: [String: [Float]] = [:]
  public var otherSettings: [JSONValue.Member]

  static let scaleSuffix = ".scale"

  /// Quantizes a dense model; the integers depend on nothing but its weights.
  ///
  /// - Throws: `model.notFinite` naming the tensor.
  public init(quantizing checkpoint: BertCheckpoint, convention: Int8Convention = Int8Convention()) throws {
    (bert, self.convention, otherSettings) = (checkpoint.bert, convention, checkpoint.otherSettings)
    for entry in bert.layout.entries {
      guard checkpoint.values.nonFiniteCount(entry.range) == 0 else {
        throw refusal(
          "model.notFinite", "Tensor “\(entry.name)” holds NaN or an infinity.", field: entry.name,
          remedy: "The training that wrote it diverged; train again.")
      }
      if entry.shape.count == 2 {
        let weights = UnsafeBufferPointer(rebasing: checkpoint.values.buffer[entry.range])
        matrices[entry.name] = QuantizedMatrix(quantizing: weights, columns: entry.shape[1])
      } else {
        vectors[entry.name] = checkpoint.values[entry.range]
      }
    }
  }

  /// The dense model that the integers stand for.
  public func dequantized() -> BertCheckpoint {
    let values = FlatBuffer<Float>(count: bert.layout.count)
    for entry in bert.layout.entries {
      values.write(matrices[entry.name]?.floats ?? vectors[entry.name] ?? [], at: entry.offset)
    }
    return BertCheckpoint(bert, values: values, otherSettings: otherSettings)
  }

  /// Quantizes a folder into another, which exists: weights, configuration, tokenizer.
  ///
  /// - Throws: What `BertCheckpoint` and `BertTokenizer` throw, `model.vocabulary`, errors of writing.
  @discardableResult
  public static func quantize(
    _ folder: FilePath, into target: FilePath, convention: Int8Convention = Int8Convention()
  ) throws -> QuantizedCheckpoint {
    let dense = try BertCheckpoint(folder: folder)
    let tokenizer = try ModelFolder.tokenizer(of: folder, for: dense.bert.configuration)
    let quantized = try QuantizedCheckpoint(quantizing: dense, convention: convention)
    try quantized.write(to: target)
    try tokenizer.write(to: target)
    return quantized
  }
}

// MARK: Files

extension QuantizedCheckpoint {
  /// Reads a folder that `write(to:)` made.
  ///
  /// - Throws: `file.missing`, `model.badConfiguration`, `model.dense` for a folder that is not quantized, the codes of
  ///   `SafetensorsFile`, and `model.missingTensor`, `model.shape`, `model.badInteger`, `model.badScale`,
  ///   `model.notFinite`, each naming the tensor.
  public init(folder: FilePath) throws {
    let stored = try FolderConfiguration(folder: folder)
    guard case .int8(let convention) = stored.form else {
      throw refusal("model.dense", "The model is not quantized.", at: folder.string)
    }
    self.convention = convention
    otherSettings = stored.others
    bert = try building(stored.configuration, stored.head, at: folder)
    let file = try SafetensorsFile(at: folder.appending(BertCheckpoint.weightsName))
    for entry in bert.layout.entries {
      if entry.shape.count == 2 {
        matrices[entry.name] = try Self.matrix(entry, in: file)
      } else {
        vectors[entry.name] = try Self.vector(entry.name, count: entry.count, in: file)
      }
    }
  }

  private static func check(_ name: String, _ shape: [Int], in file: SafetensorsFile) throws {
    guard let place = file.header[name] else {
      throw refusal("model.missingTensor", "It has no tensor “\(name)” \(shape).", at: file.name, field: name)
    }
    guard place.shape == shape else {
      throw refusal(
        "model.shape", "Tensor “\(name)” has the shape \(place.shape); config.json asks for \(shape).", at: file.name,
        field: name)
    }
  }

  private static func vector(_ name: String, count: Int, in file: SafetensorsFile) throws -> [Float] {
    try check(name, [count], in: file)
    let floats = try file.floats(name)
    if let first = floats.firstIndex(where: { !$0.isFinite }) {
      throw refusal(
        "model.notFinite", "Tensor “\(name)” holds NaN or an infinity (first at element \(first)).", at: file.name,
        field: name)
    }
    return floats
  }

  private static func matrix(_ entry: ParameterLayout.Entry, in file: SafetensorsFile) throws -> QuantizedMatrix {
    let name = entry.name
    try check(name, entry.shape, in: file)
    guard file.header[name]?.type == .i8 else {
      throw refusal("model.badInteger", "Tensor “\(name)” does not hold I8.", at: file.name, field: name)
    }
    let values = try file.bytes(name).map { Int8(bitPattern: $0) }
    if let first = values.firstIndex(of: .min) {
      throw refusal(
        "model.badInteger", "Tensor “\(name)” holds −128 at element \(first); its integers are within ±127.",
        at: file.name, field: name)
    }
    let scales = try vector(name + scaleSuffix, count: entry.shape[0], in: file)
    if let first = scales.firstIndex(where: { $0 <= 0 }) {
      throw refusal(
        "model.badScale",
        "Tensor “\(name)\(scaleSuffix)” holds \(scales[first]) at element \(first); scales are above 0.",
        at: file.name, field: name + scaleSuffix)
    }
    return QuantizedMatrix(values: values, scales: scales, columns: entry.shape[1])
  }

  /// Writes `config.json` and `model.safetensors` into a folder that exists; equal models give equal bytes.
  public func write(to folder: FilePath) throws {
    let configuration = FolderConfiguration(
      bert.configuration, head: bert.head, form: .int8(convention), others: otherSettings)
    try Files.replace(
      folder.appending(FolderConfiguration.name), with: Array(configuration.text().utf8), isDurable: false)
    let tensors = bert.layout.entries.flatMap { entry -> [StoredTensor] in
      guard let matrix = matrices[entry.name] else {
        return [StoredTensor(entry.name, shape: entry.shape, floats: vectors[entry.name] ?? [])]
      }
      return [
        StoredTensor(entry.name, shape: entry.shape, int8: matrix.values),
        StoredTensor(entry.name + Self.scaleSuffix, shape: [matrix.rows], floats: matrix.scales),
      ]
    }
    try SafetensorsWriter.write(tensors, metadata: ["format": "pt"], to: folder.appending(BertCheckpoint.weightsName))
  }
}
