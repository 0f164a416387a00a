/// What all stages of one type have in common that may run the same stages inside themselves.
final class StageTraits {
  /// The type's name with its module, without generic arguments: what an `id` must stand for.
  let qualifiedName: String
  /// The name for people, without module and generic arguments.
  let name: String
  let identity: StageIdentity
  /// The types that it may run inside itself, as it lists them.
  let listed: [ObjectIdentifier]
  /// The stages that it may run inside itself, transitively.
  let uses: [StageIdentity]
  /// Measured also where a stage that it uses is.
  let determinism: Determinism
  let outputs: [OutputPort]
  /// The source files behind it, and behind what it may run inside itself; nil where nothing is known of them.
  let code: CodeFingerprint?
  /// What the recipes of all stages of the type have in common.
  let envelope: Result<RecipeEnvelope, any Error>

  /// - Parameter direct: the types that it may run; nil for all that its type lists.
  init(_ type: any Stage.Type, running direct: [any Stage.Type]? = nil, machine: MachineProfile) {
    let used = Self.reachable(from: type, running: direct)
    listed = (direct ?? type.uses).map { ObjectIdentifier($0) }
    // The names that `String(reflecting:)` and `String(describing:)` give, which look for conformances first.
    qualifiedName = String(_typeName(type, qualified: true).prefix { $0 != "<" })
    name = String(_typeName(type, qualified: false).prefix { $0 != "<" })
    identity = StageIdentity(id: type.id, version: type.version)
    uses = used.map { StageIdentity(id: $0.id, version: $0.version) }.sorted()
    determinism = ([type] + used).contains { $0.determinism == .measured } ? .measured : .bitwise
    outputs = Self.outputs(of: type)
    code = CodeFingerprint(of: [type] + used)
    let (identity, uses, outputs) = (identity, uses, outputs)
    let measured = determinism == .measured ? machine : nil
    envelope = Result {
      try RecipeEnvelope(
        stage: identity.id, version: identity.version, uses: uses, outputs: outputs, machine: measured)
    }
  }

  var isBundle: Bool { outputs.contains { !$0.name.isEmpty } }

  func writes(port: String) -> Bool { port.isEmpty || outputs.contains { $0.name == port } }

  /// All types that a stage may run inside itself, at any depth, each once. A type that lists itself is not in it.
  ///
  /// - Parameter direct: what it runs itself; nil for all that its type lists.
  static func reachable(from type: any Stage.Type, running direct: [any Stage.Type]? = nil) -> [any Stage.Type] {
    (direct ?? type.uses).withUses(besides: type)
  }

  private static func outputs<S: Stage>(of type: S.Type) -> [OutputPort] { S.Output.ports }
}

/// The traits of each type of stage, found once, and the faults in them.
struct StageCatalogue {
  let machine: MachineProfile
  private var traits: [ObjectIdentifier: StageTraits] = [:]
  /// Of stages that run fewer types than theirs lists.
  private var narrowed: [[ObjectIdentifier]: StageTraits] = [:]
  private var owners: [String: String] = [:]
  private var checked: Set<ObjectIdentifier> = []

  init(machine: MachineProfile) { self.machine = machine }

  /// All types that were met, and those that they may run inside themselves.
  var known: [StageTraits] { Array(traits.values) }

  mutating func traits(of type: any Stage.Type) -> StageTraits {
    let id = ObjectIdentifier(type)
    if let known = traits[id] { return known }
    let new = StageTraits(type, machine: machine)
    traits[id] = new
    return new
  }

  /// The traits of a stage with its options: it may run fewer types than its own lists.
  mutating func traits(of stage: any Stage) -> StageTraits {
    let (type, uses) = (type(of: stage), stage.uses)
    let all = traits(of: type)
    if uses.isEmpty, all.listed.isEmpty { return all }
    let ids = uses.map { ObjectIdentifier($0) }
    if ids == all.listed { return all }
    let key = [ObjectIdentifier(type)] + ids
    if let known = narrowed[key] { return known }
    let new = StageTraits(type, running: uses, machine: machine)
    narrowed[key] = new
    return new
  }

  /// The fault of a stage that means to run a type which its own does not list: keys of stages that run it would miss it.
  mutating func fault(inUsesOf stage: any Stage) -> RetortError? {
    let listed = traits(of: type(of: stage)).listed
    guard let stranger = stage.uses.first(where: { !listed.contains(ObjectIdentifier($0)) }) else { return nil }
    return RetortError(
      "plan.uses-unlisted", "The stage means to run “\(stranger.id)”, which its type does not list in `uses`.",
      remedy: "Add \(stranger).self to the type's `uses`.", at: Place(field: "uses"), blame: .stage)
  }

  /// Checks a type, and those that it uses, the first time that a stage of it is met.
  mutating func check(_ type: any Stage.Type, node: Int, label: String, faults: inout FaultCollector) {
    guard checked.insert(ObjectIdentifier(type)).inserted else { return }
    for type in [type] + StageTraits.reachable(from: type) {
      _ = traits(of: type)
      for fault in self.faults(of: type) { faults.add(fault.located(Place(stage: label)), node: node) }
    }
  }

  /// The faults of one type, each reported with the first stage that has them.
  private mutating func faults(of type: any Stage.Type) -> [RetortError] {
    let traits = traits(of: type)
    var found: [RetortError] = []
    if owners[traits.identity.id] == traits.qualifiedName { return [] }
    if traits.identity.id.isEmpty {
      found.append(
        RetortError(
          "plan.id-empty", "The stage type \(traits.name) has an empty id.",
          remedy: "Give it a unique one, such as “distill.task”.", at: Place(field: "id"), blame: .stage))
    } else if let owner = owners[traits.identity.id] {
      found.append(
        RetortError(
          "plan.id-clash", "The stage types \(owner) and \(traits.qualifiedName) have one id, “\(traits.identity.id)”.",
          remedy: "Rename one of them.", at: Place(field: "id"), blame: .stage))
    } else {
      owners[traits.identity.id] = traits.qualifiedName
    }
    if traits.identity.version < 1 {
      found.append(
        RetortError(
          "plan.version", "The stage type \(traits.name) has version \(traits.identity.version).",
          remedy: "Count versions from 1.", at: Place(field: "version"), blame: .stage))
    }
    var ports: Set<String> = []
    for port in traits.outputs where !ports.insert(port.name).inserted {
      found.append(
        RetortError(
          "plan.port-duplicate", "The bundle that \(traits.name) returns lists the port “\(port.name)” twice.",
          remedy: "Give each port in its table a name of its own.", at: Place(field: port.name), blame: .stage))
    }
    return found
  }
}
