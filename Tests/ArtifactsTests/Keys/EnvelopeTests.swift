import Testing

@testable import Artifacts

@Suite("What the recipes of a type share is the canonical encoding of its parts")
struct EnvelopeTests {
  /// The recipe as one value, encoded as any other.
  private struct Whole: Encodable {
    var format = RecipeTemplate.format
    var machine: MachineProfile?
    var options = [1, 2]
    var outputs: [OutputPort]
    var stage: String
    var uses: [StageIdentity]
    var version: Int
  }

  private static let machine = MachineProfile(
    processor: "A CPU", cores: 2, memory: 24, numerics: NumericsProfile(kernels: "avx2", blas: "b", build: "release"))

  @Test(arguments: [nil, machine], ["distill.task", "", "é “\u{0}”"])
  func sameBytes(machine: MachineProfile?, stage: String) throws {
    let outputs = ["", "best", "ä"].map { OutputPort(name: $0, kind: "model.\($0)") }
    let uses = [StageIdentity(id: "z", version: 1), StageIdentity(id: "a", version: .max)]
    for (outputs, uses) in [(outputs, uses), ([], []), (outputs, []), ([], uses)] {
      let template = try RecipeTemplate(
        stage: stage, version: -3, uses: uses, options: [1, 2], outputs: outputs, machine: machine, defaultSeed: 0)
      let sink = CanonicalSink(defaultSeed: 0)
      let whole = Whole(machine: machine, outputs: outputs, stage: stage, uses: uses.sorted(), version: -3)
      try CanonicalWriter.write(whole, to: 0, of: sink)
      var serializer = CanonicalSerializer(sink)
      try serializer.write(0)
      #expect(template.bytes == serializer.bytes)
    }
  }
}
