/// What planning knows while it checks one stage: the facts of its inputs, and a place for faults.
public struct Forecast {
  private let inputs: [Edge: Facts]
  /// What is wrong, with the field each time; planning adds the label.
  public private(set) var faults: [RetortError] = []

  /// What is allowed and yet unwise, with the field each time; planning adds the label.
  public private(set) var warnings: [RetortError] = []

  public init(inputs: [Edge: Facts]) { self.inputs = inputs }

  /// The facts of an input; unknown where planning knows none.
  public subscript<Output>(_ ref: Ref<Output>) -> Facts { inputs[ref.edge] ?? .unknown }

  /// Notes a fault of an option or an input, and goes on: planning reports all of them at once.
  public mutating func fault(_ field: String, _ message: String, remedy: String) {
    faults.append(RetortError("plan.option", message, remedy: remedy, at: Place(field: field)))
  }

  /// Notes a fault unless `condition` holds.
  public mutating func require(_ condition: Bool, _ field: String, _ message: @autoclosure () -> String, remedy: String)
  {
    if !condition { fault(field, message(), remedy: remedy) }
  }

  /// Notes an option that is allowed and yet unwise.
  public mutating func warn(_ field: String, _ message: String, remedy: String) {
    warnings.append(RetortError("plan.unwise", message, remedy: remedy, at: Place(field: field)))
  }
}
