/// What planning knows while it checks one stage: the facts of its inputs, and a place for faults.
public struct Forecast {
  private let facts: (Edge) -> Facts
  /// What is wrong, with the field each time; planning adds the label.
  public private(set) var faults: [RetortError] = []

  /// What is allowed and yet unwise, with the field each time; planning adds the label.
  public private(set) var warnings: [RetortError] = []

  public init(inputs: [Edge: Facts]) { facts = { inputs[$0] ?? .unknown } }

  /// - Parameter facts: what is known of an input; unknown for all others.
  public init(facts: @escaping (Edge) -> Facts) { self.facts = facts }

  /// The facts of an input; unknown where planning knows none.
  public subscript<Output>(_ ref: Ref<Output>) -> Facts { facts(ref.edge) }

  /// Notes a fault of an option or an input, and goes on: planning reports all of them at once.
  public mutating func fault(_ field: String, _ message: String, remedy: String) {
    faults.append(RetortError("plan.option", message, remedy: remedy, at: Place(field: field)))
  }

  /// Notes what a check threw as a fault of a field.
  public mutating func fault(_ field: String, _ error: any Error) {
    let known = error as? RetortError
    fault(field, known?.message ?? "\(error)", remedy: known?.remedy ?? "Change this option.")
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
