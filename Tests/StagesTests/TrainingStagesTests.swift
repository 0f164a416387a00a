import Artifacts
import Declaring
import Models
import RetortTesting
import Tensors
import Testing
import Training

@testable import Stages

/// The stages that train, at a size of a few steps.
struct TrainingStagesTests {
  /// What the chain of stages ends in.
  private struct Outcome {
    /// Knows the teacher and the task.
    var services: FakeServices
    /// The services that trained, each of which has one stage's snapshots.
    var trainers: [FakeServices]
    var teacher: Ref<Model<Classifier>>
    var task: Ref<TaskSplits<Classification>>
    var student: TaskDistill<Classification>
    /// Of the vocabulary, the language model, the teacher and the student.
    var folders: [FilePath]
  }

  private static let options = TrainingOptions(epochs: 2, batchSize: 8, optimiser: AdamW(learningRate: 1e-3))

  private func chain(threads: Int = 1) async throws -> Outcome {
    let trainers = (0..<3).map { _ in FakeServices(threads: threads) }
    let services = FakeServices(threads: threads)
    let splits = try await services.result(of: SampleReviews(train: 24, dev: 8, test: 8))
    let task = try services.input(splits)
    let corpus = try await services.result(of: SampleSentences(24, besides: 24, dev: 8, test: 8))
    let vocabulary = try await services.result(of: TrainVocabulary(on: services.input(corpus), size: 120))
    let language = try await trainers[0].result(
      of: Pretrain(
        .bert(layers: 2, hidden: 16, positions: 32), vocabulary: trainers[0].input(vocabulary),
        on: trainers[0].input(corpus), epochs: 1, length: 32))
    let teacher = try await trainers[1].result(
      of: FineTune(
        trainers[1].input(language), train: trainers[1].input(splits.train), dev: trainers[1].input(splits.dev),
        length: 32, training: Self.options))
    let reference = try services.input(teacher)
    let student = TaskDistill(
      reference, into: .bert(layers: 1, hidden: 16, positions: 32), train: task.train, dev: task.dev,
      phases: DistillationRecipe.hinton(training: Self.options).task, length: 32)
    let last = try copy(student, from: services, to: trainers[2])
    let folder = try await trainers[2].result(of: last).folder
    return Outcome(
      services: services, trainers: trainers, teacher: reference, task: task, student: student,
      folders: [vocabulary.folder, language.folder, teacher.folder, folder])
  }

  @Test func threadsDoNotChangeAByte() async throws {
    let alone = try await chain(threads: 1)
    let three = try await chain(threads: 3)
    let one = try alone.folders.map(files)
    let other = try three.folders.map(files)
    #expect(one == other)
    #expect(one[3].keys.sorted() == ["config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"])
    #expect(alone.trainers[2].journal.progress.last?.unit == "sentences")
    #expect(alone.trainers[2].journal.progress.last?.done == 48)
    #expect(alone.trainers[2].journal.metrics["dev accuracy"] != nil)
  }

  @Test func aStopAfterAnyStepDoesNotChangeAByte() async throws {
    let outcome = try await chain()
    let services = outcome.services
    let whole = try files(of: outcome.folders[3])
    for step in 1...5 {
      let stopping = FakeServices(checkpointLimit: step)
      let stage = try copy(outcome.student, from: services, to: stopping)
      await #expect(throws: CancellationError.self) { _ = try await stopping.result(of: stage) }
      let going = FakeServices(threads: 2)
      let snapshot = try #require(stopping.journal.snapshots.last)
      going.restore(from: snapshot)
      let rest = try copy(outcome.student, from: services, to: going)
      #expect(try files(of: await going.result(of: rest).folder) == whole, "after step \(step)")
    }
  }

  private func copy(_ stage: TaskDistill<Classification>, from: FakeServices, to: FakeServices) throws -> TaskDistill<
    Classification
  > {
    var copy = stage
    copy.teacher = try to.input(Model(StoredPart(content: content(stage.teacher.edge, from), facts: .unknown)))
    copy.train = try to.input(TaskData(StoredPart(content: content(stage.train.edge, from), facts: .unknown)))
    copy.dev = try to.input(TaskData(StoredPart(content: content(stage.dev.edge, from), facts: .unknown)))
    return copy
  }

  private func content(_ edge: Edge, _ services: FakeServices) throws -> Content { try services.stored(edge).content }

  @Test func parametersAreCounted() async throws {
    let outcome = try await chain()
    let services = outcome.services
    let facts = try services.stored(outcome.teacher.edge).facts
    #expect(facts.layers == 2 && facts.hidden == 16 && facts.positions == 32)
    #expect(facts.labels == ["negative", "positive"])
    // Embeddings, two blocks, pooler and head, counted by hand from the shape.
    let (v, h, f) = (try #require(facts.vocabulary), 16, 64)
    let block = 4 * (h * h + h) + (h * f + f) + (f * h + h) + 4 * h
    #expect(facts.parameters == v * h + 32 * h + 2 * h + 2 * h + 2 * block + (h * h + h) + (2 * h + 2))
  }

  @Test func evaluationAndComparison() async throws {
    let outcome = try await chain()
    let services = outcome.services
    let evaluation = try await services.result(
      of: Evaluate(outcome.teacher, on: outcome.task.test, against: outcome.teacher, length: 32))
    #expect(evaluation.examples == 8)
    let accuracy = try #require(evaluation[.accuracy])
    #expect(evaluation.primary.metric == .accuracy && evaluation.primary.value == accuracy)
    #expect((accuracy * 8).rounded() == accuracy * 8)
    #expect(evaluation.agreement == 1 && evaluation.difference?.interval == Interval(low: 0, high: 0))
    #expect(evaluation.difference?.mcnemar == 1)
    #expect(evaluation.primary.interval.contains(accuracy))
    // What was answered lies beside the figures, and gives them again.
    let answers = try evaluation.predictions()
    #expect(try EvaluationFigures(of: answers, against: answers) == evaluation.figures)
    let timing = try await services.result(
      of: Benchmark(outcome.teacher, on: outcome.task.test, sentences: 4, rounds: 1, length: 32))
    #expect(timing.sentencesPerSecond > 0 && timing.p50 > 0 && timing.p50 <= timing.p95)
    var comparison = Compare(on: outcome.task) { outcome.teacher }
    comparison.evaluations = [try services.input(evaluation)]
    comparison.timings = [try services.input(timing)]
    let board = try await services.result(of: comparison)
    #expect(board.rows.map(\.evaluation) == [evaluation.figures])
    comparison.models += comparison.models
    comparison.evaluations += comparison.evaluations
    comparison.timings += comparison.timings
    let twice = try await services.result(of: comparison)
    #expect(twice.rows.map(\.agreement) == [nil, 1])
    #expect(twice.rows[1].difference?.interval == Interval(low: 0, high: 0))
    #expect(board.rows.map(\.parameters) == [try services.stored(outcome.teacher.edge).facts.parameters])
    let bytes = try files(of: outcome.folders[2]).values.reduce(0) { $0 + $1.count }
    #expect(board.rows.map(\.bytes) == [bytes])
  }

  @Test func quantizing() async throws {
    let outcome = try await chain()
    let services = outcome.services
    let int8 = try await services.result(of: Quantize(outcome.teacher))
    #expect(int8.facts.precision == "int8" && int8.facts.labels == ["negative", "positive"])
    let (dense, small) = (try files(of: outcome.folders[2]), try files(of: int8.folder))
    #expect(small["vocab.txt"] == dense["vocab.txt"])
    let sizes = (dense["model.safetensors"]?.count ?? 0, small["model.safetensors"]?.count ?? 0)
    #expect(sizes.1 > 0 && sizes.1 * 2 < sizes.0)
    let reference = try services.input(int8)
    let evaluation = try await services.result(
      of: Evaluate(reference, on: outcome.task.test, against: outcome.teacher, length: 32))
    #expect(evaluation.examples == 8)
    // Integers cannot be trained or quantized again: planning says so, and so do the stages.
    for faults in [
      services.faults(of: Quantize(reference)),
      services.faults(of: FineTune(reference, on: outcome.task, length: 32)),
    ] { #expect(faults.count == 1 && faults.allSatisfy { !$0.remedy.isEmpty }) }
    let error = await #expect(throws: RetortError.self) { _ = try await services.result(of: Quantize(reference)) }
    #expect(error?.code == "model.quantized")
    let exported = try await services.result(of: Export(outcome.teacher, to: "out"))
    #expect(exported.folder == outcome.folders[2])
  }

  @Test func aStudentOfTheTeachersBlocksStartsAsTheTeacher() async throws {
    let outcome = try await chain()
    let teacher = try StoredModel(reading: outcome.folders[2])
    let whole = try teacher.keeping(
      blocks: [0, 1], head: teacher.bert.head, labels: teacher.bert.configuration.labels, seed: 1)
    #expect(whole.values[0..<whole.values.count] == teacher.values[0..<teacher.values.count])
    let half = try teacher.keeping(
      blocks: [1], head: teacher.bert.head, labels: teacher.bert.configuration.labels, seed: 1)
    for entry in half.bert.layout.entries {
      let name = entry.name.replacing("layer.0.", with: "layer.1.")
      let source = try teacher.bert.layout.entry(name)
      #expect(half.values[entry.range] == teacher.values[source.range], "\(entry.name)")
    }
  }

  @Test func aTeacherOfOtherLabelsIsRefused() async throws {
    let outcome = try await chain()
    let services = outcome.services
    let scratch = try Scratch()
    let file = try scratch.file("other.tsv", "text\tlabel\na\tx\nb\ty\nc\tz\n")
    let other = try services.input(
      await services.result(of: ImportTaskData(file, split: TaskSplit(dev: 0, test: 0))))
    var stage = outcome.student
    stage.train = other.train
    stage.dev = other.dev
    // Planning says it where the facts are known, and the stage where they were not.
    #expect(services.faults(of: stage).contains { $0.place.field == "train" })
    let wrong = stage
    let error = await #expect(throws: RetortError.self) { _ = try await services.result(of: wrong) }
    #expect(error?.code == "distill.labels")
    let evaluation = Evaluate(outcome.teacher, on: other.train, length: 32)
    #expect(services.faults(of: evaluation).map(\.place.field) == ["data"])
    let second = await #expect(throws: RetortError.self) { _ = try await services.result(of: evaluation) }
    #expect(second?.code == "evaluate.labels")
    let empty = Evaluate(outcome.teacher, on: other.dev, length: 32)
    let third = await #expect(throws: RetortError.self) { _ = try await services.result(of: empty) }
    #expect(third?.code == "evaluate.empty")
  }
}
