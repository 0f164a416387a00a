import Artifacts
import Declaring

/// A number as an artifact: the smallest thing that can flow between stages.
public struct Number: ValueArtifact, Hashable {
  public static let kind = "test.number"
  public var value: Int

  public init(_ value: Int) { self.value = value }

  public var facts: Facts {
    var facts = Facts()
    facts.examples = value
    return facts
  }
}

/// Text as an artifact, so that not everything fits everywhere.
public struct Text: ValueArtifact, Hashable {
  public static let kind = "test.text"
  public var value: String

  public init(_ value: String) { self.value = value }
}

/// Two numbers as a bundle. `sum` is no port: it is computed.
public struct Halves: ArtifactBundle, Hashable {
  public var quotient: Number
  public var remainder: Number
  /// A property that the table leaves out, by mistake.
  public var forgotten: Number { quotient }

  public static var table: [BundlePort<Self>] {
    [BundlePort("quotient", \Self.quotient), BundlePort("remainder", \Self.remainder)]
  }

  public init(quotient: Number, remainder: Number) {
    self.quotient = quotient
    self.remainder = remainder
  }

  public init(opening reader: OutputReader) throws {
    quotient = try Number(opening: reader.part("quotient"))
    remainder = try Number(opening: reader.part("remainder"))
  }
}
