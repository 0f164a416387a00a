/// The names of classes as Hugging Face's `id2label` and `label2id` hold them.
extension KeyedDecodingContainer {
  /// The names in order; none where the key is absent.
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
  func checkModelType(_ wanted: String, forKey key: Key) throws {
    guard let type = try decodeIfPresent(String.self, forKey: key), type != wanted else { return }
    throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "“\(type)” is not \(wanted)")
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

/// Sentences about values outside their range, for the `faults` of configurations.
///
/// - Parameter sizes: key, value and greatest value.
func rangeFaults(_ sizes: [(String, Int, Int)]) -> [String] {
  sizes.filter { $0.1 < 1 || $0.1 > $0.2 }.map { "\($0.0) must be from 1 to \($0.2), not \($0.1)" }
}

func rateFault(_ key: String, _ rate: Double) -> String? {
  rate >= 0 && rate < 1 ? nil : "\(key) must be at least 0 and below 1, not \(rate)"
}
