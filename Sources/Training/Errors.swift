import Artifacts
import Tensors

extension RetortError {
  /// A fault of the numeric layer, as the user sees it.
  init(_ error: TensorError) {
    switch error {
    case .libraryMissing(_, let package, _):
      self.init(
        "numerics.library", error.description, remedy: "Install \(package), or see retort doctor.", blame: .environment,
        cause: error)
    case .index, .option, .shape, .parameter:
      self.init("numerics.misfit", error.description, blame: .stage, cause: error)
    }
  }
}

/// Runs `body`; what the numeric layer throws comes out as a `RetortError`.
public func rethrowing<Value>(_ body: () throws -> Value) throws -> Value {
  do {
    return try body()
  } catch let error as TensorError {
    throw RetortError(error)
  }
}
