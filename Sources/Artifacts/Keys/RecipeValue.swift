/// A leaf of a recipe.
public enum RecipeValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// A number above `Int64.max`.
  case unsigned(UInt64)
  case double(Double)
  case float(Float)
  case string(String)
  case bytes([UInt8])
  /// What flows in from another stage: the kind that it is read as, and the digest of its content.
  case input(kind: String, Digest)
  /// The content of a file or folder of the user's.
  case source(Digest)
  /// A collection without elements.
  case empty(Collection)

  public enum Collection: String, Hashable, Sendable {
    case array, object, set, dictionary
  }
}

extension RecipeValue: CustomStringConvertible {
  /// The value for people: numbers as Swift writes them, strings in quotes, digests by their first digits.
  public var description: String {
    switch self {
    case .null: "nil"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .double(let value): "\(value)"
    case .float(let value): "\(value)"
    case .string(let value): "\"\(Self.escaped(value))\""
    case .bytes(let value): "\(value.count) bytes (\(Digest(of: value).short))"
    case .input(_, let digest), .source(let digest): digest.short
    case .empty(.array): "[]"
    case .empty(.object): "{}"
    case .empty(.set): "an empty set"
    case .empty(.dictionary): "[:]"
    }
  }

  /// Control characters must not reach a terminal as they are.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.properties.generalCategory == .control: result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
