import Artifacts
import Testing

@Suite("Reading recipes back")
struct RecipeTreeTests {
  struct Options: Encodable {
    var temperature = 4.0
    var layers = [1, 2]
    var tags: Set<String> = ["a"]
    var weights = ["x": 1]
    var nested = Boxed(value: Set([[1, 2]]))
    var teacher = Port(0, kind: "model.classifier")
    var data = SourceFile("a.txt")
    var none: String?
    var list: [Int] = []
  }

  @Test("A difference names option, input and source with old and new values")
  func differences() throws {
    func changes(_ change: (inout Options) -> Void, input: Digest = Digest(of: [])) throws -> [String] {
      var options = Options()
      change(&options)
      return try RecipeDifference(from: recipe(Options()), to: recipe(options, digest: input)).changes
        .map(\.description)
    }
    #expect(try changes { _ in } == [])
    #expect(try changes { $0.temperature = 2 } == ["option temperature: 4.0 → 2.0"])
    #expect(try changes { $0.none = "x" } == [#"option none: nil → "x""#])
    #expect(try changes { $0.layers = [1, 3, 4] } == ["option layers[1]: 2 → 3", "option layers[2]: absent → 4"])
    #expect(try changes { $0.list = [1] } == ["option list[0]: absent → 1", "option list: [] → absent"])
    #expect(
      try changes { $0.tags = ["a", "b"] } == [#"option tags{"b"}: absent → "b""#],
      "an element of a set is its own name")
    #expect(try changes { $0.weights["y"] = 2 } == [#"option weights["y"]: absent → 2"#])
    #expect(try changes { $0.teacher.kind = "model.encoder" } == ["input teacher: e3b0c44298fc → e3b0c44298fc"])
    #expect(
      try changes({ _ in }, input: Digest(of: [1])) == [
        "content of data: e3b0c44298fc → 4bf5122f3445", "input teacher: e3b0c44298fc → 4bf5122f3445",
      ])
  }

  @Test("Another version, used stage or machine is named as such")
  func envelope() throws {
    func recipe(_ version: Int, _ uses: [StageIdentity], _ machine: MachineProfile?) throws -> Recipe {
      try #require(
        RecipeTemplate(
          stage: "t", version: version, uses: uses, options: Boxed(value: 1), machine: machine, defaultSeed: 0
        ).filled { _ in nil })
    }
    let (a, b) = (StageIdentity(id: "a", version: 1), StageIdentity(id: "b", version: 1))
    let old = try recipe(1, [b], nil)
    #expect(try RecipeDifference(from: old, to: recipe(2, [b], nil)).description == "stage version: 1 → 2")
    #expect(
      try RecipeDifference(from: old, to: recipe(1, [a, b], nil)).changes.map(\.subject) == [.usedStage("a")],
      "a stage before it does not rename the others")
    #expect(try RecipeDifference(from: old, to: recipe(1, [b], .unknown)).changes.allSatisfy { $0.subject == .machine })
  }

  @Test("References are the leaves of a tree that are inputs or sources, wherever they are")
  func references() throws {
    struct Deep: Encodable {
      var name = "x"
      var ports = [Port(0, kind: "a"), Port(1, kind: "b")]
      var byName = ["left": Port(2, kind: "c"), "right": Port(3, kind: "d")]
      var sets: Set<[Int]> = [[1], [2, 3]]
      var boxed = Boxed(value: [Boxed(value: SourceFile("b.txt"))])
      var rate: Float = 0.5
      var large = UInt64.max
      var flags = [true, false]
    }
    func check(_ recipe: Recipe, count: Int) throws {
      let all = try RecipeTree(recipe).leaves.filter { leaf in
        switch leaf.value {
        case .input, .source: true
        default: false
        }
      }
      #expect(try RecipeTree.references(of: recipe) == all && all.count == count)
    }
    try check(recipe(Options()), count: 2)
    try check(recipe(Deep()), count: 5)
    try check(recipe(Boxed(value: 1)), count: 0)
  }

  @Test("The field of a hole is found for messages")
  func fields() throws {
    let template = try template(Options())
    #expect(template.field(of: .input(Edge(node: 0, arena: 1))) == "teacher")
    #expect(template.field(of: .source(0)) == "data")
    #expect(template.field(of: .source(1)) == nil)
  }

  @Test(
    "An option goes by its path without what is unnamed behind a choice",
    arguments: [
      ("options.rate", "rate"), ("options.mode.warm._0", "mode.warm"), ("options.mode._0.warm", "mode.warm"),
      ("options.mode._0[2]._0", "mode[2]"), ("options.mode._0._0", "mode"), ("options.mode._01", "mode._01"),
      ("options._0", "_0"), ("options.für._0", "für"), ("stage.id", "stage.id"), ("options.", ""),
    ])
  func optionNames(path: String, name: String) { #expect(RecipeTree.optionName(path) == name) }

  @Test("Any prefix, any flipped bit and random bytes are refused or read, never a crash")
  func hostileBytes() throws {
    let whole = try recipe(Options()).bytes
    for length in 0..<whole.count {
      #expect(throws: RetortError.self) { try RecipeTree(Recipe(bytes: Array(whole[..<length]))) }
    }
    #expect(throws: RetortError.self) { try RecipeTree(Recipe(bytes: whole + [0])) }
    for bit in 0..<whole.count * 8 {
      var flipped = whole
      flipped[bit / 8] ^= 1 << (bit % 8)
      _ = try? RecipeTree(Recipe(bytes: flipped))
      _ = try? RecipeTree.references(of: Recipe(bytes: flipped))
    }
    var random = Seeded(7)
    let tags = Array("ntfiudgsbaoemrx".utf8)
    for _ in 0..<3_000 {
      let bytes = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
        Bool.random(using: &random)
          ? tags[Int.random(in: 0..<tags.count, using: &random)] : UInt8.random(in: 0...3, using: &random)
      }
      _ = try? RecipeTree(Recipe(bytes: bytes))
      _ = try? RecipeTree.references(of: Recipe(bytes: bytes))
    }
  }

  @Test(
    "Bytes that nest without end, claim endless counts or endless names are refused", arguments: ["a", "e", "m", "o"])
  func hostileShapes(tag: String) throws {
    let tag = Array(tag.utf8)
    let level = tag == Array("o".utf8) ? tag + Hand.u32(1) + Hand.text("x") : tag + Hand.u32(1)
    let deep = Array(repeatElement(level, count: 10_000).joined())
    #expect(throws: RetortError.self) { try RecipeTree(Recipe(bytes: deep + Array("n".utf8))) }
    #expect(throws: RetortError.self) { try RecipeTree(Recipe(bytes: tag + [255, 255, 255, 255])) }
    let sets = Array(repeatElement(Array("e".utf8) + Hand.u32(1), count: 90).joined()) + Array("n".utf8)
    #expect(try RecipeTree(Recipe(bytes: sets)).leaves.count == 1, "nested sets are read once, not twice a level")
    let name = String(repeating: "x", count: 100_000)
    let named = Array("o".utf8) + Hand.u32(1) + Hand.text(name) + Array("a".utf8) + Hand.u32(5_000)
    let tree = try RecipeTree(Recipe(bytes: named + Array(repeating: UInt8(ascii: "n"), count: 5_000)))
    #expect(tree.leaves.allSatisfy { $0.path.utf8.count < 300 })
  }

  @Test("Texts are shown without control characters")
  func escaping() {
    #expect(RecipeValue.string("a\u{1B}[31m\n\"").description == #""a\u{1b}[31m\n\"""#)
  }
}
