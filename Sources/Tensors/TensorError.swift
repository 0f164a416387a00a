/// What can go wrong in this module. Callers that know the stage, file or field wrap it in their own error.
public enum TensorError: Error, Equatable, Sendable {
  /// A shared library is missing or lacks a symbol; `package` is the Debian package that holds it.
  case libraryMissing(library: String, package: String, reason: String)
  /// Operands do not fit together.
  case shape(operation: String, detail: String)
  /// An index (token, label, row) is outside `0 ..< limit`.
  case index(operation: String, value: Int, limit: Int)
  /// An option is outside its range, such as a temperature ≤ 0.
  case option(operation: String, name: String, value: Double)
  /// A layout has no parameter of this name, or has it twice.
  case parameter(name: String, detail: String)
}

extension TensorError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .libraryMissing(let library, let package, let reason):
      "\(library) could not be loaded (\(reason)). Install the Debian package \(package)."
    case .shape(let operation, let detail): "\(operation): \(detail)."
    case .index(let operation, let value, let limit):
      "\(operation): the index \(value) is not in 0 ..< \(limit)."
    case .option(let operation, let name, let value): "\(operation): \(name) must not be \(value)."
    case .parameter(let name, let detail): "Parameter “\(name)”: \(detail)."
    }
  }
}
