extension Plan: CustomStringConvertible {
  /// A line for the whole, a line a step, and the warnings.
  public var description: String {
    let width = min(steps.map(\.label.count).max() ?? 0, 40)
    let lines = steps.map { step in
      let padding = String(repeating: " ", count: max(0, width - step.label.count))
      return "  \(mark(of: step)) \(step.label)\(padding)  \(step.identity)  \(explanation(of: step))"
    }
    return ([summary] + lines + warnings.map { "  ! \($0)" }).joined(separator: "\n")
  }

  private var summary: String {
    let ready = count { if case .execute = $0.status { true } else { false } }
    let waiting = count { if case .waiting = $0.status { true } else { false } }
    let cached = count { $0.isSelected && $0.cached != nil }
    return "\(options.pipeline): \(steps.count) stages, \(ready) to run, \(waiting) waiting, \(cached) cached"
  }

  /// Why a step runs, or why not, in words.
  public func explanation(of step: Step) -> String {
    switch step.status {
    case .cached(let execution): step.isSelected ? "cached since run \(execution.run)" : "not selected (cached)"
    case .execute(let reason): "runs: \(reason)"
    case .waiting(let upstream): "waits for \(names(of: upstream))"
    case .unselected: "not selected"
    }
  }

  private func names(of indices: [Int]) -> String {
    let shown = indices.prefix(3).map { steps[$0].label }.joined(separator: ", ")
    return indices.count > 3 ? "\(shown) and \(indices.count - 3) more" : shown
  }

  private func mark(of step: Step) -> String {
    switch step.status {
    case .cached: "="
    case .execute: ">"
    case .waiting: "."
    case .unselected: "-"
    }
  }
}

extension Step {
  /// The options with every value, as the key counts them: name and text.
  ///
  /// A choice without values of its own stands as a value: `observer = minMax`.
  public var optionValues: [(name: String, value: String)] {
    ((try? template.tree)?.leaves ?? []).compactMap { leaf in
      guard leaf.path.hasPrefix("options.") else { return nil }
      let name = RecipeTree.optionName(leaf.path)
      switch leaf.value {
      case .input, .source: return nil
      case .empty(.object):
        guard let dot = name.lastIndex(of: ".") else { return (name, leaf.value.description) }
        return (String(name[..<dot]), String(name[name.index(after: dot)...]))
      default: return (name, leaf.value.description)
      }
    }
  }
}
