import Artifacts

/// Whether the records of a bundle hang together, whoever wrote them: keys follow from recipes, inputs from earlier
/// members, outputs from contents. That the contents have their digests is seen while they are read.
struct BundleCheck {
  private let bundle: LineageBundle

  init(_ bundle: LineageBundle) { self.bundle = bundle }

  /// - Throws: `RetortError` (`bundle.damaged`) with the first thing that is wrong.
  func run() throws {
    guard !bundle.members.isEmpty else { throw RetortError.badBundle("it holds no result") }
    let forms = try pieces()
    var products: [Set<Digest>] = []
    var used: Set<Digest> = []
    var keys: Set<Key> = []
    var labels: Set<String> = []
    for (position, member) in bundle.members.enumerated() {
      guard labels.insert(member.label).inserted, !member.label.isEmpty else {
        throw RetortError.badBundle("a label is missing, or is there twice")
      }
      try check(texts: member)
      let key = member.recipe.key
      guard keys.insert(key).inserted else { throw RetortError.badBundle("a result is there twice") }
      let tree = try RecipeTree(member.recipe)
      try check(texts: [try StageIdentity(of: tree).id])
      try checkInputs(of: member, at: position, tree, products)
      try checkOutputs(of: member, tree, forms)
      used.formUnion(member.outputs.map(\.record.digest))
      let execution = Execution(
        id: 0, key: key, stage: try StageIdentity(of: tree), run: RunID(0), details: member.details,
        ports: member.outputs.map { ($0.port, $0.record) })
      products.append(execution.productDigests)
    }
    guard used.count == forms.count else { throw RetortError.badBundle("it holds contents of no result") }
    var taken = Set(bundle.members.flatMap { $0.inputs.map(\.member) })
    taken.insert(bundle.members.count - 1)
    guard taken.count == bundle.members.count else {
      throw RetortError.badBundle("it holds results that nothing was made from")
    }
  }

  private func pieces() throws -> [Digest: StoredContent] {
    var forms: [Digest: StoredContent] = [:]
    var last: Digest?
    for piece in bundle.pieces {
      if let last, last >= piece.digest { throw RetortError.badBundle("its contents are not in order") }
      last = piece.digest
      guard piece.content.bytes >= 0 else { throw RetortError.badBundle("a content has an absurd size") }
      switch piece.content.form {
      case .folder:
        let manifest = try BundlePaths.manifest(encoded: piece.content.data, bytes: piece.content.bytes)
        guard manifest.digest == piece.digest else { throw RetortError.badBundle("a folder is not that of its digest") }
      case .inline, .file:
        let isSmall = piece.content.bytes <= Publication.largestInline
        guard isSmall == (piece.content.form == .inline), piece.content.bytes <= LineageBundle.largestValue else {
          throw RetortError.badBundle("a value has an absurd size")
        }
      }
      forms[piece.digest] = piece.content
    }
    return forms
  }

  private func checkInputs(
    of member: LineageBundle.Member, at position: Int, _ tree: RecipeTree, _ products: [Set<Digest>]
  ) throws {
    let wanted = Set(tree.inputs)
    guard member.details.inputs.isEmpty, member.details.children.isEmpty, Set(member.inputs.map(\.digest)) == wanted
    else { throw RetortError.badBundle("the inputs of “\(member.label)” are not those of its recipe") }
    for input in member.inputs {
      guard input.member < position, products[input.member].contains(input.digest) else {
        throw RetortError.badBundle("an input of “\(member.label)” comes from nowhere")
      }
    }
  }

  private func checkOutputs(
    of member: LineageBundle.Member, _ tree: RecipeTree, _ forms: [Digest: StoredContent]
  ) throws {
    guard !member.outputs.isEmpty, Set(member.outputs.map(\.port)).count == member.outputs.count else {
      throw RetortError.badBundle("“\(member.label)” has no outputs, or one twice")
    }
    for output in member.outputs {
      guard let content = forms[output.record.digest], content.form == output.form,
        content.bytes == output.record.bytes
      else { throw RetortError.badBundle("an output of “\(member.label)” has no content") }
    }
    // Real stages list their ports in the recipe.
    var ports: [String: RecipeValue] = [:]
    for leaf in tree.leaves where leaf.path.hasPrefix("outputs[") {
      ports[String(leaf.path.dropFirst("outputs[".count).dropLast())] = leaf.value
    }
    guard
      ports.isEmpty
        || ports == Dictionary(uniqueKeysWithValues: member.outputs.map { ($0.port, .string($0.record.kind)) })
    else { throw RetortError.badBundle("the outputs of “\(member.label)” are not those of its recipe") }
  }

  private func check(texts member: LineageBundle.Member) throws {
    let profile = member.details.profile
    try check(
      texts: [member.label, profile.kernels, profile.blas, profile.build] + codeLines(of: member)
        + member.details.metrics.keys + member.outputs.flatMap { [$0.port, $0.record.kind] })
    let times = [member.details.startedAt, member.details.seconds]
    guard times.allSatisfy(\.isFinite), member.details.seconds >= 0 else {
      throw RetortError.badBundle("a time makes no sense")
    }
  }

  /// A line for each source file behind the stage.
  private func codeLines(of member: LineageBundle.Member) throws -> [String] {
    let lines = (member.details.codeFingerprint ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count <= 10_000 else { throw RetortError.badBundle("a stage has too many source files") }
    return lines.map(String.init)
  }

  /// What is shown on terminals must not control them.
  private func check(texts: [String]) throws {
    for text in texts {
      guard text.utf8.count <= 1000,
        !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
      else { throw RetortError.badBundle("a name is too long, or holds control characters") }
    }
  }
}
