import Artifacts

extension RecipeDifference {
  /// The changes, with the inputs in arrays set against each other by what they are instead of by their number.
  ///
  /// A comparison of five models that gets a sixth in front then has one change, not six. Inputs that both sides have are
  /// left out; if nothing else differs, their order is the change.
  var withElementsAligned: [Change] {
    var stems: [String: [Change]] = [:]
    for change in changes {
      if let stem = change.inputStem { stems[stem, default: []].append(change) }
    }
    var result: [Change] = []
    for change in changes {
      guard let stem = change.inputStem else {
        result.append(change)
        continue
      }
      // The whole array comes where its first change stood.
      if let elements = stems.removeValue(forKey: stem) { result += Self.aligned(elements, stem) }
    }
    return result
  }

  private static func aligned(_ changes: [Change], _ stem: String) -> [Change] {
    guard changes.count > 1 else { return changes }
    let olds = changes.compactMap(\.old)
    let news = changes.compactMap(\.new)
    let (left, right) = (without(news, olds), without(olds, news))
    if left.isEmpty, right.isEmpty {
      func listed(_ values: [RecipeValue]) -> RecipeValue { .string(values.map(\.description).joined(separator: ", ")) }
      return [Change(path: "\(stem) (order)", old: listed(olds), new: listed(news))]
    }
    return (0..<max(left.count, right.count)).map { index in
      let (old, new) = (
        left.indices.contains(index) ? left[index] : nil, right.indices.contains(index) ? right[index] : nil
      )
      let place = changes.first { $0.new != nil && $0.new == new } ?? changes.first { $0.old != nil && $0.old == old }
      return Change(path: place?.path ?? stem, old: old, new: new)
    }
  }

  /// `values` without as many of each as `others` has.
  private static func without(_ others: [RecipeValue], _ values: [RecipeValue]) -> [RecipeValue] {
    var counts: [RecipeValue: Int] = [:]
    for other in others { counts[other, default: 0] += 1 }
    return values.filter { value in
      guard let count = counts[value], count > 0 else { return true }
      counts[value] = count - 1
      return false
    }
  }
}

extension RecipeDifference.Change {
  /// The array that an element belongs to which is an input on each side that has it: `options.models` of
  /// `options.models[3]`.
  fileprivate var inputStem: String? {
    for case let value? in [old, new] {
      guard case .input = value else { return nil }
    }
    guard path.hasSuffix("]"), let bracket = path.lastIndex(of: "["),
      path[path.index(after: bracket)...].dropLast().allSatisfy(\.isNumber)
    else { return nil }
    return String(path[..<bracket])
  }
}
