import Foundation
import Testing

@testable import Artifacts

@Suite struct RecipeDecoderTests {
  enum Choice: Codable, Hashable {
    case plain
    case one(Int)
    case named(rate: Double, name: String?)
  }

  enum Word: String, Codable { case first, second }

  struct Nested: Codable, Hashable {
    var depth: Int8
    var list: [[String]]
  }

  struct Options: Codable, Hashable {
    var truth = true
    var count = -5
    var large = UInt64.max
    var small = UInt8(200)
    var rate = 2.5e-5
    var single = Float(0.1)
    var text = "Grüße \u{1F600}\n"
    var nothing: String?
    var something: Int? = 3
    var choices: [Choice] = [.plain, .one(4), .named(rate: 0.5, name: nil), .named(rate: 1, name: "n")]
    var word = Word.second
    var nested = Nested(depth: -7, list: [["a"], [], ["b", "c"]])
    var words: Set<String> = ["x", "y", "zz"]
    var weights: [String: Double] = ["positive": 2, "negative": 0.5]
    var byNumber: [Int: String] = [3: "three", -1: "minus"]
    var byWord: [Nested: Int] = [Nested(depth: 1, list: []): 1]
    var seed = Seed.fixed(9)
    var file: SourceFile = "data/train.tsv"
    var folder = SourceFolder("models/base", members: [.init("config.json"), .init("vocab.txt", isOptional: true)])
    var files: [SourceFile] = ["a", "b"]
  }

  private func roundTrip(_ options: Options) throws -> (Options, RecipeTemplate, RecipeTemplate) {
    let template = try template(options)
    var sources: [Digest: SourceDeclaration] = [:]
    let recipe = try #require(
      template.filled { hole in
        guard case .source(let index) = hole else { return nil }
        let digest = Digest(of: [UInt8(index)])
        sources[digest] = template.sources[index]
        return digest
      })
    let decoder = try RecipeDecoder(recipe)
    #expect(decoder.stage == StageIdentity(id: "test", version: 1))
    #expect(decoder.sources.count == sources.count)
    let copy = try decoder.decode(
      Options.self,
      with: .init(
        edge: { _ in throw RetortError("test", "no inputs") },
        source: { try #require(sources[$0]) }))
    return (copy, template, try ArtifactsTests.template(copy))
  }

  @Test func everyFormComesBack() throws {
    let (copy, before, after) = try roundTrip(Options())
    #expect(copy == Options())
    #expect(before == after)
    var other = Options(
      truth: false, count: .min, nothing: "there", something: nil, choices: [], words: [], weights: [:])
    other.seed = .standard
    let (second, first, again) = try roundTrip(other)
    #expect(first == again)
    #expect(second.nothing == "there" && second.something == nil && second.seed == .fixed(0))
  }

  @Test func inputsBecomeReferences() throws {
    struct Reader: Decodable {
      var left: Edge
      var both: [Edge]
    }
    struct Writer: Encodable {
      var left = Port(3)
      var both = [Port(4, port: "train"), Port(3)]
    }
    let digests = [Port(3).edge: Digest(of: [1]), Port(4, port: "train").edge: Digest(of: [2])]
    let recipe = try #require(
      try template(Writer()).filled { hole in
        guard case .input(let edge) = hole else { return nil }
        return digests[edge]
      })
    let decoder = try RecipeDecoder(recipe)
    #expect(Set(decoder.inputs) == Set(digests.values))
    let back = try decoder.decode(
      Reader.self,
      with: .init(
        edge: { digest in try #require(digests.first { $0.value == digest }?.key) },
        source: { _ in throw RetortError("test", "no files") }))
    #expect(back.left == Port(3).edge && back.both == [Port(4, port: "train").edge, Port(3).edge])
  }

  @Test func anotherTypeIsRefusedWithItsPlace() throws {
    struct Other: Decodable { var count: String }
    let decoder = try RecipeDecoder(try recipe(Options()))
    #expect {
      try decoder.decode(
        Other.self,
        with: .init(
          edge: { _ in throw RetortError("test", "") }, source: { _ in throw RetortError("test", "") }))
    } throws: { error in
      (error as? RetortError)?.code == "recipe.undecodable" && "\(error)".contains("count")
    }
  }

  /// Any bytes are refused or read: no trap, no memory for what a count alone claims.
  @Test func fuzzedRecipes() throws {
    let count = ProcessInfo.processInfo.environment["RETORT_FUZZ"].flatMap(Int.init) ?? 5000
    let good = try recipe(Options()).bytes
    var state: UInt64 = 7
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for _ in 0..<count {
      var bytes = good
      for _ in 0...random(3) {
        let position = random(bytes.count)
        switch random(4) {
        case 0: bytes[position] = UInt8(random(256))
        case 1: bytes.removeSubrange(position...)
        case 2: for index in position..<min(bytes.count, position + 4) { bytes[index] = 0xFF }
        default: bytes.insert(contentsOf: good[..<min(position, 30)], at: position)
        }
        if bytes.isEmpty { bytes = [0] }
      }
      guard let decoder = try? RecipeDecoder(Recipe(bytes: bytes)) else { continue }
      _ = try? decoder.decode(
        Options.self, with: .init(edge: { _ in Edge(node: 0, arena: 0) }, source: { _ in SourceDeclaration(path: "p") })
      )
    }
    let deep = [UInt8](repeating: UInt8(ascii: "a"), count: 1) + [1, 0, 0, 0]
    #expect(throws: RetortError.self) {
      try RecipeDecoder(Recipe(bytes: Array((0..<100_000).flatMap { _ in deep })))
    }
  }
}
