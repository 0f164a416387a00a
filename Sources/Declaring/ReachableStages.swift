extension [any Stage.Type] {
  /// These types and those that they may run inside themselves, at any depth, each once.
  ///
  /// - Parameter known: a type that is left out, with what only it may run.
  package func withUses(besides known: (any Stage.Type)? = nil) -> [any Stage.Type] {
    var seen = Set([known].compactMap { $0.map { ObjectIdentifier($0) } })
    var found: [any Stage.Type] = []
    var open = self
    while let next = open.popLast() {
      guard seen.insert(ObjectIdentifier(next)).inserted else { continue }
      found.append(next)
      open += next.uses
    }
    return found
  }
}
