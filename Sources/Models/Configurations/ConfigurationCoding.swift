/// What the models' `config.json` files have in common: defaults, types, and the names of classes, which Hugging Face keeps
/// as `id2label` and `label2id`.
extension KeyedDecodingContainer {
  /// The names of the classes in order; none where the key is absent.
  ///
  /// - Throws: `DecodingError` for a gap in the numbers.
  func decodeLabelNames(forKey key: Key) throws -> [String] {
    guard let names = try decodeIfPresent([String: String].self, forKey: key) else { return [] }
    return try (0..<names.count).map { index in
      guard let name = names[String(index)] else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: self, debugDescription: "no label \(index) among \(names.count)")
      }
      return name
    }
  }

  /// Checks the `model_type`, where there is one.
  func checkModelType(_ wanted: String..., forKey key: Key) throws {
    guard let type = try decodeIfPresent(String.self, forKey: key), !wanted.contains(type) else { return }
    throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "“\(type)” is not \(wanted[0])")
  }

  /// Overwrites a default by what is there.
  func read<Value: Decodable>(_ key: Key, into target: inout Value) throws {
    if let value = try decodeIfPresent(Value.self, forKey: key) { target = value }
  }
}

extension KeyedEncodingContainer {
  /// Writes both keys; nothing where the classes have no names.
  mutating func encode(labelNames: [String], _ names: Key, _ indices: Key) throws {
    guard !labelNames.isEmpty else { return }
    let named = labelNames.enumerated()
    try encode(Dictionary(named.map { (String($0.offset), $0.element) }) { first, _ in first }, forKey: names)
    try encode(Dictionary(named.map { ($0.element, $0.offset) }) { first, _ in first }, forKey: indices)
  }
}
