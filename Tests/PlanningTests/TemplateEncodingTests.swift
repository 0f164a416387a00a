import Artifacts
import Declaring
import Foundation
import RetortTesting
import Testing

@testable import Planning

@Suite("Stages encoded on two threads")
struct TemplateEncodingTests {
  private struct Plain: Stage {
    static let id = "test.plain"
    static let version = 1
    var before: Ref<Words>?
    var number: Int
    func run(_ context: StageContext) async throws -> Words { Words(number: number) }
  }

  /// One in seven has no canonical form.
  private struct Odd: Stage {
    static let id = "test.odd"
    static let version = 2
    var rate: Double
    func run(_ context: StageContext) async throws -> Words { Words(number: 0) }
  }

  private struct Words: ValueArtifact {
    static let kind = "test.number"
    var number: Int
  }

  private static func declared(_ count: Int) -> Pipeline {
    Pipeline.declared {
      var last: Ref<Words>?
      for index in 0..<count {
        if index % 3 == 2 {
          _ = stage("odd-\(index)", Odd(rate: index % 7 == 0 ? .nan : Double(index)))
        } else {
          last = stage("plain-\(index)", Plain(before: last, number: index))
        }
      }
      return PipelineBuilder.buildFinalResult(PipelineBuilder.buildExpression(last.map { [$0] } ?? []))
    }
  }

  private static func text(_ made: TemplateEncoding.Made) -> String {
    switch made {
    case .success(let template): template.filled { _ in Digest(of: []) }?.key.description ?? "no recipe"
    case .failure(let error): "\(error)"
    }
  }

  /// What each stage gives, from the last one down; some are left out.
  private static func all(_ pipeline: Pipeline, _ encoding: TemplateEncoding, leavingOut: Set<Int>) -> [String] {
    var catalogue = StageCatalogue(machine: PlanOptions().machine)
    let made = pipeline.stages.indices.reversed().filter { !leavingOut.contains($0) }.map { node in
      text(encoding.template(of: node, catalogue.traits(of: pipeline.stages[node].stage)))
    }
    encoding.end()
    return made
  }

  @Test(arguments: [0, 1, 31, 255, 256, 257, 1_000])
  func aHelperChangesNothing(count: Int) async throws {
    let pipeline = Self.declared(count)
    for seed in 0..<12 {
      var random = Seeded(UInt64(seed))
      let leavingOut = Set((0..<count).filter { _ in seed > 0 && Int.random(in: 0..<(1 + seed), using: &random) == 0 })
      let alone = Self.all(pipeline, TemplateEncoding(pipeline.stages, options: PlanOptions()), leavingOut: leavingOut)
      let shared = TemplateEncoding(pipeline.stages, options: PlanOptions())
      let helper = Task.detached {
        if seed % 3 == 1 { usleep(UInt32(seed) * 40) }
        if shared.isLarge { shared.help() }
      }
      // Now and then the helper comes first and takes all of them.
      if seed % 3 == 2 { await helper.value }
      #expect(Self.all(pipeline, shared, leavingOut: leavingOut) == alone)
      await helper.value
    }
  }

  /// Whoever ended the sharing may rely on it that nobody uses the stages any more.
  @Test func nothingIsTakenAfterTheEnd() async {
    let pipeline = Self.declared(600)
    let encoding = TemplateEncoding(pipeline.stages, options: PlanOptions())
    var catalogue = StageCatalogue(machine: PlanOptions().machine)
    _ = encoding.template(of: 599, catalogue.traits(of: pipeline.stages[599].stage))
    encoding.end()
    await Task.detached { encoding.help() }.value
    let alone = TemplateEncoding(pipeline.stages, options: PlanOptions())
    let traits = catalogue.traits(of: pipeline.stages[0].stage)
    #expect(Self.text(encoding.template(of: 0, traits)) == Self.text(alone.template(of: 0, traits)))
  }

  /// A slow opening lets no helper come, a quick one does; the plan and its faults are the same.
  @Test func plansAreTheSame() async throws {
    let store = MemoryStore()
    let options = PlanOptions()
    let faulty = Self.declared(900)
    var texts: Set<String> = []
    for delay in [0, 200, 3_000] as [UInt32] {
      let planner = Planner(options: options) {
        usleep(delay)
        return store
      }
      do {
        let plan = try planner.plan(faulty)
        texts.insert(plan.steps.map { "\($0.label) \($0.key.map(\.description) ?? "")" }.joined())
      } catch let faults as PlanFaults {
        texts.insert("\(faults)")
      }
    }
    #expect(texts.count == 1)
  }
}
