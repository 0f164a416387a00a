import Artifacts

// The bytes of variants in a snapshot: all numbers are UInt32, little-endian.
//
// | part | content |
// | --- | --- |
// | cut texts, examples | two numbers |
// | each example | the number of its variants; for each the number of its texts (1 or 2), then length and UTF-8 of each |
extension VariantGroup {
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    func append(_ number: Int) {
      withUnsafeBytes(of: UInt32(clamping: number).littleEndian) { bytes.append(contentsOf: $0) }
    }
    append(cutTexts)
    append(variants.count)
    for variants in variants {
      append(variants.count)
      for variant in variants {
        append(variant.sides.count)
        for text in variant.sides {
          append(text.utf8.count)
          bytes.append(contentsOf: text.utf8)
        }
      }
    }
    return bytes
  }

  /// - Throws: `augment.snapshot` for bytes that `bytes` did not write.
  public init(bytes: [UInt8]) throws {
    var reader = VariantReader(rest: bytes[...])
    self.init()
    cutTexts = try reader.number()
    for _ in 0..<(try reader.number()) {
      var group: [Variant] = []
      for _ in 0..<(try reader.number()) {
        let sides = try reader.number()
        guard sides == 1 || sides == 2 else { throw VariantReader.damage }
        group.append(Variant(try reader.text(), pair: sides == 2 ? try reader.text() : nil))
      }
      variants.append(group)
    }
    guard reader.rest.isEmpty else { throw VariantReader.damage }
  }
}

private struct VariantReader {
  var rest: ArraySlice<UInt8>

  static let damage = RetortError(
    "augment.snapshot", "The snapshot's variants cannot be read.", remedy: "Let the stage begin anew.",
    blame: .environment)

  mutating func number() throws -> Int { try take(4).reversed().reduce(0) { $0 << 8 | Int($1) } }

  mutating func text() throws -> String {
    guard let text = String(validating: try take(try number()), as: UTF8.self) else { throw Self.damage }
    return text
  }

  private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw Self.damage }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}
