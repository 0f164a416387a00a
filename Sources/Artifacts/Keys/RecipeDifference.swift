/// How two recipes differ, leaf by leaf: the answer to *why*. Where recipes are the same, a change may be of the code.
public struct RecipeDifference: Sendable, Hashable {
  public struct Change: Sendable, Hashable {
    /// As in `RecipeTree`.
    public var path: String
    /// Nil where the old recipe has no such leaf.
    public var old: RecipeValue?
    /// Nil where the new recipe has no such leaf.
    public var new: RecipeValue?

    public init(path: String, old: RecipeValue?, new: RecipeValue?) {
      self.path = path
      self.old = old
      self.new = new
    }
  }

  /// In order of the new recipe; what is gone comes last.
  public private(set) var changes: [Change]

  public init(from old: Recipe, to new: Recipe) throws {
    self.init(from: try RecipeTree(old), to: try RecipeTree(new))
  }

  public init(from old: RecipeTree, to new: RecipeTree) {
    var before: [String: RecipeValue] = [:]
    for leaf in old.leaves { before[leaf.path] = leaf.value }
    changes = []
    for leaf in new.leaves {
      let value = before.removeValue(forKey: leaf.path)
      if value != leaf.value { changes.append(Change(path: leaf.path, old: value, new: leaf.value)) }
    }
    for leaf in old.leaves where before.removeValue(forKey: leaf.path) != nil {
      changes.append(Change(path: leaf.path, old: leaf.value, new: nil))
    }
  }
}

extension RecipeDifference.Change {
  /// What a person would call the part that changed.
  public enum Subject: Sendable, Hashable {
    /// An option of the stage, by name.
    case option(String)
    /// What flows in at a port.
    case input(String)
    /// A file or folder of the user's, by the option that names it.
    case source(String)
    /// The stage's own version or identity.
    case stage
    /// The version of a stage that it uses.
    case usedStage(String)
    /// The machine, for a stage that measures.
    case machine
    /// A source file of the stage, by name.
    case code(String)
    /// The form of keys, or of what the stage writes.
    case format
  }

  public var subject: Subject {
    if path == "stage" || path == "version" { return .stage }
    if path.hasPrefix("uses") { return .usedStage(path == "uses" ? "" : String(path.dropFirst(5).dropLast())) }
    if path.hasPrefix("machine") { return .machine }
    if path.hasPrefix("code.") { return .code(String(path.dropFirst(5))) }
    guard path.hasPrefix("options") else { return .format }
    let name = RecipeTree.optionName(path)
    switch new ?? old {
    case .input: return .input(name)
    case .source: return .source(name)
    default: return .option(name)
    }
  }
}

extension RecipeDifference.Change: CustomStringConvertible {
  /// What changed, in words.
  public var name: String {
    switch subject {
    case .option(let name): "option \(name)"
    case .input(let name): "input \(name)"
    case .source(let name): "content of \(name)"
    case .stage: "stage \(path)"
    case .usedStage(let id): "version of \(id), which it uses"
    case .code(let file): "code of \(file)"
    case .machine, .format: path
    }
  }

  public var description: String {
    "\(name): \(old?.description ?? "absent") → \(new?.description ?? "absent")"
  }
}

extension RecipeDifference: CustomStringConvertible {
  public var description: String { changes.map(\.description).joined(separator: "; ") }
}
