import Artifacts
import Declaring
import Foundation
import Models
import RetortTesting
import Testing
import Training

@testable import Stages

/// What a model card says, and how.
struct ModelCardTests {
  private let digests = (1...4).map { Digest(of: [UInt8($0)]) }

  private func record(_ number: Int, _ kind: String, bytes: Int = 10, _ change: (inout Facts) -> Void = { _ in })
    -> ArtifactRecord
  {
    ArtifactRecord(digest: digests[number], kind: kind, bytes: bytes, facts: facts(change))
  }

  private func account(_ evaluation: Ref<Evaluation>, services: FakeServices, quantized: Bool = false)
    -> DeliveryAccount
  {
    let steps: [DeliveryAccount.Step] = [
      .init(
        label: "task", stage: .init(id: "data.import-task", version: 1),
        sources: [.init(option: "train", path: "/home/somebody/sst2/train.tsv", digest: digests[0])],
        outputs: ["train": record(0, "data.classification"), "test": record(1, "data.classification")]),
      .init(
        label: "base", stage: .init(id: "import.checkpoint.encoder", version: 1),
        options: [.init("hub.name", "\"owner/tiny\"")],
        outputs: [
          "": record(2, "model.encoder") {
            $0.licence = "apache-2.0"
            $0.origin = "owner/tiny"
          }
        ]),
      .init(
        label: "teacher|x", stage: .init(id: quantized ? "quantize.classifier" : "tune.classifier", version: 2),
        options: [.init("length", "64"), .init("note", "nil"), .init("seed", "0")],
        inputs: [
          .init(edge: Edge(node: 1, arena: 9), step: 1), .init(edge: Edge(node: 0, port: "train", arena: 9), step: 0),
        ], outputs: ["": record(3, "model.classifier")]),
      .init(
        label: "quality", stage: .init(id: "evaluate.model", version: 1),
        inputs: [
          .init(edge: Edge(node: 2, arena: 9), step: 2), .init(edge: Edge(node: 0, port: "test", arena: 9), step: 0),
        ]),
      .init(
        label: "export", stage: .init(id: "export.classifier", version: 1),
        inputs: [.init(edge: evaluation.edge, step: 3)],
        outputs: [
          "": record(3, "model.classifier", bytes: 17_822_300) {
            $0.labels = ["negative", "positive"]
            $0.parameters = 4_385_920
            $0.layers = 4
            $0.hidden = 256
            $0.precision = "f32"
          }
        ]),
    ]
    return DeliveryAccount(steps: steps) { try services.stored($0) }
  }

  private func note(_ card: (Ref<Evaluation>) -> ModelCard?, quantized: Bool = false) throws -> String? {
    let services = FakeServices()
    let predictions = TaskPredictions(
      .classes(logits: [[2, 0], [0, 2], [0, 2], [2, 0]], labels: [0, 1, 0, 0]), labels: ["negative", "positive"])
    let evaluation = try Evaluation(
      EvaluationFigures(of: predictions), predictions: predictions, in: services.makeFolder("evaluation"))
    let reference = try services.input(evaluation)
    let model = try services.input(Model<Classifier>(folder: "/none"))
    let export = Export(model, to: "out/sst2/", card: card(reference))
    let notes = try export.notes(on: account(reference, services: services, quantized: quantized))
    #expect(notes.allSatisfy { $0.name == "README.md" })
    return notes.first.map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  @Test func theFrontMatterIsWhatHubsRead() throws {
    let text = try #require(
      try note { ModelCard(datasets: ["stanfordnlp/sst2"], languages: ["en"], evaluations: [$0]) })
    let front = """
      ---
      license: "apache-2.0"
      language:
      - "en"
      base_model: "owner/tiny"
      base_model_relation: finetune
      library_name: transformers
      pipeline_tag: text-classification
      datasets:
      - "stanfordnlp/sst2"
      tags:
      - "retort"
      model-index:
      - name: "sst2"
        results:
        - task:
            type: text-classification
          dataset:
            name: "task, test"
            type: "stanfordnlp/sst2"
            revision: "\(digests[1].hex)"
          metrics:
          - type: accuracy
            name: "accuracy"
            value: 0.75

      """
    #expect(text.hasPrefix(front))
    // 2 × 1 / (2 × 1 + 1 + 0) of the one class, 2 × 2 / (2 × 2 + 0 + 1) of the other.
    #expect(text.contains("    - type: f1\n      name: \"macro F1\"\n      value: 0.733333333333333"))
    #expect(text.contains("\n---\n\n# sst2\n\n"))
  }

  @Test func theBodyHasFiguresLineageAndDigests() throws {
    let text = try #require(try note { ModelCard(evaluations: [$0]) })
    for part in [
      "A classifier of texts (negative, positive), made with Retort from owner/tiny.",
      "| parameters | 4,385,920 |\n| bytes of all files | 17,822,300 |", "| layers × width | 4 × 256 |",
      "| digest | `\(digests[3].hex)` |", "AutoModelForSequenceClassification.from_pretrained",
      // Wilson's interval of 3 of 4 (SciPy's binomtest).
      "| task, test | accuracy | 0.7500 | 0.3006 – 0.9544 | 4 | `\(digests[1].short)` |",
      "| teacher\\|x | `tune.classifier@2` | base; task, train | length = 64, seed = 0 | `\(digests[3].short)` |",
      "| train.tsv | task, train | `\(digests[0].hex)` |",
    ] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(!text.contains("somebody"))
    #expect(try note { ModelCard(evaluations: [$0]) } == text)
  }

  /// Weights that only stand for the model are said to.
  @Test func aDenseEquivalentIsNamed() throws {
    let services = FakeServices()
    let model = try services.input(Model<Classifier>(folder: "/none"))
    func text(_ forms: [ExportForm], _ change: @escaping (inout Facts) -> Void) throws -> String {
      let steps: [DeliveryAccount.Step] = [
        .init(
          label: "small", stage: .init(id: "prune.classifier", version: 1),
          outputs: ["": record(2, "model.classifier", bytes: 1_234_567, change)]),
        .init(
          label: "export", stage: .init(id: "export.classifier", version: 1),
          inputs: [.init(edge: model.edge, step: 0)], outputs: ["": record(3, "model.classifier")]),
      ]
      return try CardContent(
        ModelCard(), of: Classifier.self, name: "small", forms: forms, exported: steps[0].outputs[""],
        account: DeliveryAccount(steps: steps) { try services.stored($0) }
      ).text
    }
    let pruned = try text([.huggingFace, .onnx]) { $0.family = "retort-bert" }
    #expect(
      pruned.contains("## Form") && pruned.contains("heads and neurons that pruning took out are zeros. It gives"))
    #expect(pruned.contains("the answers of the model itself (digest `\(digests[2].short)`, 1,234,567 bytes)"))
    #expect(pruned.contains("The folder `onnx` has the small one."))
    let int8 = try text([.huggingFace]) { $0.precision = "int8" }
    #expect(int8.contains("nearly the answers") && int8.contains("activations are not rounded"))
    #expect(!int8.contains("zeros") && !int8.contains("small one"))
    #expect(try !text([.onnx]) { $0.precision = "int8" }.contains("## Form"))
    #expect(try !text([.huggingFace]) { $0.precision = "f32" }.contains("## Form"))
  }

  @Test func whatIsGivenCounts() throws {
    let text = try #require(
      try note({ _ in ModelCard(title: "A \"name\"\n", license: "mit", baseModel: "other/base") }, quantized: true))
    #expect(text.contains("license: \"mit\"\n") && text.contains("base_model: \"other/base\"\n"))
    #expect(text.contains("base_model_relation: quantized\n") && !text.contains("model-index"))
    #expect(text.contains("# A \"name\" \n"))
    #expect(try note { _ in nil } == nil)
  }
}
