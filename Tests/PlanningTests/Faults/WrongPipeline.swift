import Artifacts
import Declaring
import Planning
import RetortTesting
import Testing

/// A pipeline that compiles and is wrong, with the faults that its plan must report: all of them, and no other.
struct WrongPipeline: Sendable, CustomTestStringConvertible {
  var name: String
  var expected: [Expected]
  var make: @Sendable (TestFolder, inout PlanOptions) throws -> Pipeline

  struct Expected: Hashable, Sendable, Comparable, CustomStringConvertible {
    var code: String
    var label: String?
    var field: String?

    static func < (left: Expected, right: Expected) -> Bool { left.description < right.description }
    var description: String { "\(code) in “\(label ?? "–")” at \(field ?? "–")" }
  }

  var testDescription: String { name }

  /// A pipeline with one fault.
  init(
    _ name: String, _ code: String, _ label: String?, _ field: String?,
    _ make: @escaping @Sendable (TestFolder, inout PlanOptions) throws -> Pipeline
  ) {
    self.init(name, [Expected(code: code, label: label, field: field)], make)
  }

  init(
    _ name: String, _ expected: [Expected],
    _ make: @escaping @Sendable (TestFolder, inout PlanOptions) throws -> Pipeline
  ) {
    (self.name, self.expected, self.make) = (name, expected, make)
  }

  func check() throws {
    let folder = try TestFolder()
    var options = PlanOptions()
    let pipeline = try make(folder, &options)
    do {
      let plan = try Planner(store: MemoryStore(), options: options).plan(pipeline)
      Issue.record("“\(name)” was planned:\n\(plan)")
    } catch let faults as PlanFaults {
      let found = faults.faults.map {
        Expected(code: $0.code.rawValue, label: $0.place.stage, field: $0.place.field)
      }
      #expect(found.sorted() == expected.sorted(), "\(faults)")
      for fault in faults.faults {
        #expect(!fault.remedy.isEmpty, "no remedy: \(fault)")
        #expect(fault.message.hasSuffix(".") && fault.remedy.last.map { ".?".contains($0) } == true, "\(fault)")
      }
    }
  }
}
