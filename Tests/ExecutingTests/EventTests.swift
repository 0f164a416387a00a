import Artifacts
import Declaring
import Executing
import Foundation
import RetortTesting
import Synchronization
import Testing

@Suite struct EventTests {
  private static let key = Key(Digest(of: [1]))

  static let all: [Event] = [
    .planned(run: RunID(7), pipeline: "p", steps: 3, cached: 1),
    .started(label: "a", stage: StageIdentity(id: "x.y", version: 2), key: key, attempt: 1),
    .waiting(label: "a", key: key), .waiting(label: "a", key: key, device: "gpu"),
    .progress(label: "a", Progress(3, of: 10, unit: "steps", loss: 0.5, note: "epoch 1")),
    .progress(label: "a", Progress(3, of: nil, unit: "steps")),
    .metric(label: "a", name: "accuracy", value: 0.9),
    .log(label: "a", line: "two\nlines “quoted”"),
    .checkpointed(label: "a", bytes: 12, seconds: 0.25),
    .cached(label: "a", key: key, digests: ["": Digest(of: [2])]),
    .finished(label: "a", key: key, digests: ["train": Digest(of: [3])], seconds: 1.5, metrics: ["loss": 0.1]),
    .failed(
      label: "a", ErrorReport(RetortError("c.d", "No.", remedy: "Yes.", at: Place(stage: "a", line: 3), blame: .stage)),
      retry: 2),
    .failed(label: "a", ErrorReport(RetortError("c.d", "No.")), retry: nil),
    .skipped(label: "a", reason: .needsFailed),
    .delivered(label: "a", destination: "out", files: 2),
    .runFinished(
      run: RunID(7), outcome: .failed, counts: RunCounts(ran: 1, cached: 2, failed: 3, skipped: 4), seconds: 9),
  ]

  @Test func eachIsOneLineOfJSONAndComesBack() throws {
    for event in Self.all {
      let timed = TimedEvent(time: 1_700_000_000.25, event: event)
      let data = try JSONEncoder().encode(timed)
      #expect(!data.contains(UInt8(ascii: "\n")))
      #expect(try JSONDecoder().decode(TimedEvent.self, from: data) == timed)
      let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(object["event"] as? String == name(event))
      #expect(object["time"] as? Double == 1_700_000_000.25)
    }
  }

  @Test func figuresThatJSONCannotHoldAreLeftOut() throws {
    for event in [
      Event.progress(label: "a", Progress(1, of: .infinity, unit: "s", loss: .nan)),
      .metric(label: "a", name: "m", value: -.infinity),
      .finished(label: "a", key: Self.key, digests: [:], seconds: 1, metrics: ["m": .nan]),
    ] {
      let data = try JSONEncoder().encode(TimedEvent(time: 0, event: event))
      _ = try JSONDecoder().decode(TimedEvent.self, from: data)
    }
  }

  @Test func aSlowReaderHoldsNobodyUpAndLosesNoOutcome() async throws {
    let gate = Mutex(false)
    let recorder = Recorder { _ in while !gate.withLock({ $0 }) { usleep(200) } }
    let other = Recorder()
    let bus = EventBus([recorder, other], limit: 100)
    bus.post(.skipped(label: "first", reason: .interrupted))
    for index in 0..<5000 {
      bus.post(.progress(label: "a", Progress(Double(index), of: 5000, unit: "s")))
      bus.post(.log(label: "a", line: "\(index)"))
      bus.post(.cached(label: "c\(index)", key: Self.key, digests: [:]))
    }
    bus.post(.skipped(label: "last", reason: .interrupted))
    gate.withLock { $0 = true }
    await bus.flush()
    let events = recorder.events.map(\.event)
    #expect(events == other.events.map(\.event))
    #expect(events.count { name($0) == "cached" } == 5000)
    #expect(events.count { name($0) == "log" } <= 202)
    #expect(events.count { name($0) == "progress" } <= 102)
    // Of the progress that waited, the newest is left.
    let last = events.last { name($0) == "progress" }
    guard case .progress(_, let progress)? = last else {
      Issue.record("No progress at all.")
      return
    }
    #expect(progress.done == 4999)
    #expect(events.contains { if case .log("", let line) = $0 { line.contains("left out") } else { false } })
    let labels = events.compactMap(\.label).filter { $0.hasPrefix("c") }
    #expect(labels == (0..<5000).map { "c\($0)" })
  }

  @Test func progressIsThinnedOutAndTheLastIsKept() async throws {
    let recorder = Recorder()
    let store = MemoryStore()
    _ = try await run(
      .declared {
        PipelineBuilder.buildFinalResult([
          stage("t", Train(name: Board.name(), start: stage("c", Constant(1)), steps: 3000)).edge
        ])
      }, in: store, sink: recorder)
    let progress = recorder.events.compactMap { timed -> Double? in
      if case .progress(_, let progress) = timed.event { progress.done } else { nil }
    }
    #expect(progress.count < 1500)
    #expect(progress.last == 3000)
    #expect(recorder.names(of: "t").last == "finished")
    #expect(recorder.names(of: "t").contains("metric"))
  }
}
