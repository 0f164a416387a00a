import Artifacts
import Declaring
import RetortTesting

/// What the program is at the moment: versions and source files of stages, which are constants of a real one.
public enum Program {
  @TaskLocal static var versions = [1, 1, 1]
  @TaskLocal static var code = [1, 1, 1]
}

extension World {
  /// Plans and runs the program as the world has it.
  public func asProgram<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    try await Program.$versions.withValue(versions) {
      try await Program.$code.withValue(code) { try await body() }
    }
  }
}

protocol MixTag: Sendable {
  static var position: Int { get }
  static var name: String { get }
}

enum MixA: MixTag {
  static let position = 0
  static let name = "mix"
}

enum MixB: MixTag {
  static let position = 1
  static let name = "blend"
}

/// Computes a number from everything that is in its key.
struct Mix<Tag: MixTag>: Stage {
  static var id: String { "world.\(Tag.name)" }
  static var version: Int { Program.versions[Tag.position] }
  static var codeFingerprint: CodeFingerprint? {
    CodeFingerprint("\(Tag.name).swift=\(Program.code[Tag.position])")
  }
  var terms: [Ref<Number>]
  var factor: Int
  var value: Int
  var modulus: Int
  var seed: Seed
  var file: SourceFile?

  func run(_ context: StageContext) async throws -> Number {
    var sum = value + Int(context.seed(seed)) * 7 + Self.version * 17 + Tag.position * 19
    for (index, term) in terms.enumerated() { sum += try context.load(term).value * factor * (index + 1) }
    if let file {
      let text = String(decoding: try Files.read(context.load(file)), as: UTF8.self)
      sum += (Int(text.filter { !$0.isWhitespace }) ?? 0) * 13 * factor
    }
    return Number(sum % modulus)
  }
}

struct Nest: Stage {
  static let id = "world.nest"
  static var version: Int { Program.versions[2] }
  static var codeFingerprint: CodeFingerprint? { CodeFingerprint("nest.swift=\(Program.code[2])") }
  static var uses: [any Stage.Type] { [Mix<MixA>.self] }
  var terms: [Ref<Number>]
  var factor: Int
  var value: Int
  var modulus: Int

  func run(_ context: StageContext) async throws -> Number {
    let inner = try await context.run(
      Mix<MixA>(terms: terms, factor: factor, value: 1, modulus: 101, seed: 5, file: nil))
    return Number((inner.value * 2 + value + Self.version * 23) % modulus)
  }
}

/// A number as a folder, which real caches keep as an object.
struct Pack: Stage {
  static let id = "world.pack"
  static let version = 1
  var number: Ref<Number>

  func run(_ context: StageContext) async throws -> Corpus {
    let folder = try context.folder()
    let text = "\(try context.load(number).value)"
    try Files.replace(folder.appending("number"), with: Array(text.utf8), isDurable: false)
    return Corpus(folder: folder)
  }
}

struct Unpack: Stage {
  static let id = "world.unpack"
  static let version = 1
  var corpus: Ref<Corpus>
  var factor: Int

  func run(_ context: StageContext) async throws -> Number {
    let bytes = try Files.read(try context.load(corpus).folder.appending("number"))
    return Number((Int(String(decoding: bytes, as: UTF8.self)) ?? -1) * factor)
  }
}

extension World {
  private enum Declared {
    case number(Ref<Number>)
    case halves(Ref<Halves>)
    case corpus(Ref<Corpus>)
  }

  /// Declares all nodes; what no root needs is no part of the plan.
  public func declared() -> Pipeline {
    .declared {
      var refs: [Declared] = []
      func number(_ input: Input) -> Ref<Number>? {
        switch refs[input.node] {
        case .number(let ref): ref
        case .halves(let ref): input.port == 1 ? ref.quotient : ref.remainder
        case .corpus: nil
        }
      }
      for (position, node) in nodes.enumerated() {
        let label = label(of: position)
        let terms = node.inputs.compactMap(number)
        let seed = node.seed.map { Seed.fixed($0) } ?? .standard
        let file = node.file.map { SourceFile(path(of: $0)) }
        func mix<Tag: MixTag>(_ tag: Tag.Type) -> Mix<Tag> {
          Mix<Tag>(
            terms: terms, factor: node.factor, value: node.value, modulus: node.modulus, seed: seed, file: file)
        }
        switch node.kind {
        case .mix: refs.append(.number(stage(label, mix(MixA.self))))
        case .blend: refs.append(.number(stage(label, mix(MixB.self))))
        case .nest:
          let nest = Nest(terms: terms, factor: node.factor, value: node.value, modulus: node.modulus)
          refs.append(.number(stage(label, nest)))
        case .divide: refs.append(.halves(stage(label, Divide(terms[0], by: node.factor))))
        case .pack: refs.append(.corpus(stage(label, Pack(number: terms[0]))))
        case .unpack:
          guard case .corpus(let corpus) = refs[node.inputs[0].node] else { continue }
          refs.append(.number(stage(label, Unpack(corpus: corpus, factor: node.factor))))
        }
      }
      return PipelineBuilder.buildFinalResult(
        roots.map { root in
          switch refs[root] {
          case .number(let ref): ref.edge
          case .halves(let ref): ref.edge
          case .corpus(let ref): ref.edge
          }
        })
    }
  }
}
