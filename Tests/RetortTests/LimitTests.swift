import Artifacts
import Foundation
import Testing

@testable import Retort

@Suite("What a command line says of devices, memory and time")
struct LimitTests {
  @Test func devices() throws {
    #expect(try DeviceNames(["gpu=0,1", "license", "gpu=5"]).ids == ["gpu": ["0", "1", "5"], "license": ["0"]])
    #expect(try DeviceNames(["cuda=cuda:0,GPU-3f/a"]).ids == ["cuda": ["cuda:0", "GPU-3f/a"]])
    let environment = ["RETORT_DEVICES": "gpu=0,1;\tcard  "]
    #expect(try DeviceNames([], environment: environment).ids == ["gpu": ["0", "1"], "card": ["0"]])
    #expect(try DeviceNames(["a"], environment: environment).counts == ["a": 1])
    #expect(try DeviceNames([], environment: ["RETORT_DEVICES": ""]).ids.isEmpty)
  }

  @Test(arguments: ["", "=0", "gpu=", "gpu=0,", "gpu=0,0", "1gpu", "g p=0", "gpu=a b", "gpü=0", "gpu=0,\u{0}"])
  func devicesThatMakeNoSense(text: String) {
    let error = #expect(throws: RetortError.self) { try DeviceNames([text]) }
    #expect(
      error?.code == "usage.device" && error?.place.field == "--device" && error?.remedy.contains("gpu=0,1") == true)
  }

  @Test func devicesThatClash() {
    #expect(throws: RetortError.self) { try DeviceNames(["gpu=0", "gpu=0"]) }
    #expect(throws: RetortError.self) { try DeviceNames(["a-b", "a_b"]) }
    let error = #expect(throws: RetortError.self) { try DeviceNames([], environment: ["RETORT_DEVICES": "gpu=0;;=1"]) }
    #expect(error?.place.field == "RETORT_DEVICES")
  }

  @Test(
    arguments: [
      ("90", nil, 90), ("1.5s", nil, 1.5), ("15min", nil, 900), ("2m", nil, 120), ("250ms", nil, 0.25),
      ("2 h", nil, 7200),
      ("1d", nil, 86_400), ("train=2h", "train", 7200), ("a=b=3S", "a=b", 3),
    ] as [(String, String?, Double)])
  func times(text: String, label: String?, seconds: Double) {
    let limit = TimeLimit(argument: text)
    #expect(limit?.label == label && limit?.seconds == seconds)
    #expect(limit.flatMap { TimeLimit(argument: $0.text) } == limit)
  }

  @Test(arguments: ["", "s", "0", "-1", "nan", "inf", "1e30", "2 weeks", "=3", "a=", "1h30"])
  func timesThatMakeNoSense(text: String) { #expect(TimeLimit(argument: text) == nil) }

  @Test func timesOfLabels() throws {
    let limits = ["5min", "b=1h", "2s", "b=2h"].compactMap { TimeLimit(argument: $0) }
    let found = try limits.limits(among: ["a", "b"])
    #expect(found.all == 2 && found.each == ["b": 7200])
    #expect(try [TimeLimit(argument: "a/Trial-2=1s")].compactMap(\.self).limits(among: ["a"]).each.count == 1)
    let error = #expect(throws: RetortError.self) {
      try [TimeLimit(argument: "teachr=1h")].compactMap(\.self).limits(among: ["teacher", "b"])
    }
    #expect(error?.code == "usage.label" && error?.remedy == "Did you mean “teacher”?")
  }

  @Test func memory() {
    #expect(Machine.usableMemory <= Machine.memory && (Machine.memory == 0 || Machine.usableMemory > 0))
    #expect(ByteCount(argument: "1.5 GB")?.bytes == 1_500_000_000 && ByteCount(argument: "4096")?.bytes == 4096)
    for text in ["", "GB", "-1", "1XB", "nan"] { #expect(ByteCount(argument: text) == nil) }
  }
}
