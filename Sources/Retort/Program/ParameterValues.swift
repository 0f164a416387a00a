import ArgumentParser

/// The values of a parsed pipeline's parameters as text, by name: what `runs` shows of a run.
enum ParameterValues {
  static func of(_ program: any ParsableArguments) -> [String: String] {
    var values: [String: String] = [:]
    collect(Mirror(reflecting: program), into: &values)
    return values
  }

  private static func collect(_ mirror: Mirror, into values: inout [String: String]) {
    for child in mirror.children {
      if let group = child.value as? any ParameterGroup {
        collect(Mirror(reflecting: group.members), into: &values)
      } else if let label = child.label, let parameter = child.value as? any ReadableParameter {
        values[ParameterName.kebab(label)] = parameter.text
      }
    }
  }

  static func text(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional: return mirror.children.first.map { text($0.value) } ?? ""
    case .collection, .set: return mirror.children.map { text($0.value) }.joined(separator: " ")
    default: break
    }
    if let raw = value as? any RawRepresentable { return "\(raw.rawValue)" }
    return "\(value)"
  }
}

private protocol ReadableParameter {
  var text: String { get }
}

private protocol ParameterGroup {
  var members: any ParsableArguments { get }
}

extension Option: ReadableParameter {
  fileprivate var text: String { ParameterValues.text(wrappedValue) }
}

extension Flag: ReadableParameter {
  fileprivate var text: String { ParameterValues.text(wrappedValue) }
}

extension Argument: ReadableParameter {
  fileprivate var text: String { ParameterValues.text(wrappedValue) }
}

extension OptionGroup: ParameterGroup {
  fileprivate var members: any ParsableArguments { wrappedValue }
}
