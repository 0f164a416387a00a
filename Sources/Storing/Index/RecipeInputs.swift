import Artifacts

/// Finds the digests that a recipe's canonical bytes hold: of inputs and of the user's files.
enum RecipeInputs {
  static func digests(in recipe: [UInt8]) throws -> [Digest] {
    var found: [Digest] = []
    try recipe.withUnsafeBytes { raw in
      var reader = ByteReader(raw)
      try skip(&reader, &found)
      guard reader.isAtEnd else { throw ByteReader.damage }
    }
    return found
  }

  /// Passes over one value of the form that `CanonicalTag` documents.
  private static func skip(_ reader: inout ByteReader, _ found: inout [Digest]) throws {
    switch try reader.read(UInt8.self) {
    case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "f"): break
    case UInt8(ascii: "i"), UInt8(ascii: "u"), UInt8(ascii: "d"): _ = try reader.read(UInt64.self)
    case UInt8(ascii: "g"): _ = try reader.read(UInt32.self)
    case UInt8(ascii: "s"), UInt8(ascii: "b"): try reader.skipBlob()
    case UInt8(ascii: "a"), UInt8(ascii: "e"):
      for _ in 0..<(try reader.readCount(of: 1)) { try skip(&reader, &found) }
    case UInt8(ascii: "m"):
      for _ in 0..<(try reader.readCount(of: 2)) {
        try skip(&reader, &found)
        try skip(&reader, &found)
      }
    case UInt8(ascii: "o"):
      for _ in 0..<(try reader.readCount(of: 5)) {
        try reader.skipBlob()
        try skip(&reader, &found)
      }
    case UInt8(ascii: "r"):
      try reader.skipBlob()
      found.append(try reader.readDigest())
    case UInt8(ascii: "x"): found.append(try reader.readDigest())
    default: throw ByteReader.damage
    }
  }
}

extension ByteReader {
  fileprivate mutating func skipBlob() throws { _ = try readView() }
}
