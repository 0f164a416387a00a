import Artifacts
import Tensors

// The folder of a quantized model.
extension QuantizedCheckpoint {
  /// Reads a folder that `write(to:)` made.
  ///
  /// - Throws: `file.missing`, `model.badConfiguration`, `model.dense` for a folder that is not quantized, the codes of
  ///   `SafetensorsFile`, and `model.missingTensor`, `model.shape`, `model.badInteger`, `model.badScale`,
  ///   `model.badRange`, `model.notFinite`, each naming the tensor.
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
        matrices[entry.name] = try Self.matrix(entry, on: convention.weights, in: file)
      } else {
        vectors[entry.name] = try Self.vector(entry.name, count: entry.count, in: file)
      }
    }
    if convention.ranges == .static { ranges = try Self.ranges(of: bert, in: file) }
  }

  private static func ranges(of bert: Bert, in file: SafetensorsFile) throws -> [String: ValueRange] {
    var ranges: [String: ValueRange] = [:]
    for layer in bert.linearLayers {
      let name = layer + rangeSuffix
      let ends = try vector(name, count: 2, in: file)
      guard ends[0] <= 0, ends[1] >= 0 else {
        throw refusal(
          "model.badRange", "Tensor “\(name)” holds \(ends[0]) … \(ends[1]); a range of inputs holds 0.",
          at: file.name, field: name)
      }
      ranges[layer] = try ValueRange(ends[0], ends[1])
    }
    // One product may compute several of a block's projections, so their inputs are on one grid.
    for index in 0..<bert.configuration.parameterBlocks where bert.configuration.bottleneck == nil {
      let layers = ["query", "key", "value"].map { "\(BertNames.block(index)).attention.self.\($0)" }
      guard Set(layers.map { ranges[$0] }).count == 1 else {
        throw refusal(
          "model.badRange", "Query, key and value of block \(index) have unlike input ranges; their input is the same.",
          at: file.name, field: layers[0] + rangeSuffix)
      }
    }
    return ranges
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

  private static func matrix(
    _ entry: ParameterLayout.Entry, on grid: Int8Convention.WeightGrid, in file: SafetensorsFile
  ) throws -> QuantizedMatrix {
    let name = entry.name
    try check(name, entry.shape, in: file)
    try requireExactSums(name, inputs: entry.shape[1])
    guard file.header[name]?.type == .i8 else {
      throw refusal("model.badInteger", "Tensor “\(name)” does not hold I8.", at: file.name, field: name)
    }
    let values = try file.bytes(name).map { Int8(bitPattern: $0) }
    if grid == .narrow, let first = values.firstIndex(of: .min) {
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
    let ranges = bert.linearLayers.compactMap { layer in
      self.ranges[layer].map { StoredTensor(layer + Self.rangeSuffix, shape: [2], floats: [$0.low, $0.high]) }
    }
    try SafetensorsWriter.write(
      tensors + ranges, metadata: ["format": "pt"], to: folder.appending(BertCheckpoint.weightsName))
  }
}
