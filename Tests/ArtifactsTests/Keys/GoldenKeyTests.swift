import Artifacts
import Testing

/// The stage of `Tests/Goldens/key_golden.py`, whose bytes a script without any Swift writes.
private struct Golden: Encodable {
  enum Mode: Encodable { case warm(Int) }

  var teacher = Port(0, kind: "model.classifier")
  var extra: Int?
  var data = SourceFile("/somewhere/corpus.txt")
  var temperature = 4.0
  var alpha: Float = 0.75
  var epochs: UInt8 = 3
  var big = UInt64.max
  var isTied = true
  var isCased = false
  var note = "für \"alle\""
  var layers = [0, -1]
  var tags: Set = ["rare", "a", "bb"]
  var weights = ["pos": 0.5, "neg": -0.0]
  var mode = Mode.warm(7)
  var seed = Seed.standard
  var blob = Blob(bytes: [1, 2])
}

@Suite("A key computed by another program")
struct GoldenKeyTests {
  private func recipe() throws -> Recipe {
    let template = try RecipeTemplate(
      stage: "distill.test", version: 3,
      uses: [StageIdentity(id: "prune", version: 1), StageIdentity(id: "evaluate", version: 2)], options: Golden(),
      outputs: [OutputPort(name: "", kind: "model.classifier")], defaultSeed: 42)
    return try #require(
      template.filled { hole in
        if case .input = hole { Digest(of: Array("teacher".utf8)) } else { Digest(of: Array("corpus".utf8)) }
      })
  }

  @Test("The bytes and the key are those of the script")
  func golden() throws {
    let recipe = try recipe()
    #expect(recipe.bytes.count == 685)
    #expect(Digest(of: recipe.bytes).hex == "da23b5a937eb998fb0ce798ef7e054c29bff11da6137dbb66ac98da72860641b")
    #expect(recipe.key.digest.hex == "47eb8d0ad0a5ac4d134f80e9081ed148ee145dcca2a68adb8a9b92655d02ac10")
  }

  @Test("Its tree names every leaf as people know it")
  func tree() throws {
    let tree = try RecipeTree(recipe())
    let lines = tree.leaves.map { "\($0.path) = \($0.value)" }
    #expect(
      lines == [
        "format = 1", "machine = nil", "options.alpha = 0.75", "options.big = 18446744073709551615",
        "options.blob = 2 bytes (a12871fee210)", "options.data = 6b17b8fcc411", "options.epochs = 3",
        "options.extra = nil", "options.isCased = false", "options.isTied = true", "options.layers[0] = 0",
        "options.layers[1] = -1", "options.mode.warm._0 = 7", #"options.note = "für \"alle\"""#, "options.seed = 42",
        #"options.tags{"a"} = "a""#, #"options.tags{"bb"} = "bb""#, #"options.tags{"rare"} = "rare""#,
        "options.teacher = 1057a9604e04", "options.temperature = 4.0", #"options.weights["neg"] = 0.0"#,
        #"options.weights["pos"] = 0.5"#, #"outputs[] = "model.classifier""#, #"stage = "distill.test""#,
        "uses[evaluate] = 2", "uses[prune] = 1", "version = 3",
      ])
  }
}
