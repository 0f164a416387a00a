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
    switch Character(UnicodeScalar(try reader.read(UInt8.self))) {
    case "n", "t", "f": break
    case "i", "u", "d": _ = try reader.read(UInt64.self)
    case "g": _ = try reader.read(UInt32.self)
    case "s", "b": try reader.skipBlob()
    case "a", "e":
      for _ in 0..<(try reader.readCount(of: 1)) { try skip(&reader, &found) }
    case "m":
      for _ in 0..<(try reader.readCount(of: 2)) {
        try skip(&reader, &found)
        try skip(&reader, &found)
      }
    case "o":
      for _ in 0..<(try reader.readCount(of: 5)) {
        try reader.skipBlob()
        try skip(&reader, &found)
      }
    case "r":
      try reader.skipBlob()
      found.append(try reader.readDigest())
    case "x": found.append(try reader.readDigest())
    default: throw ByteReader.damage
    }
  }
}

extension ByteReader {
  fileprivate mutating func skipBlob() throws { _ = try readBlob() }
}
