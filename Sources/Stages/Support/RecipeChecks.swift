import Declaring
import Training

extension Forecast {
  /// Notes faults of a distillation's phases, and where teacher and student cannot be compared as they ask.
  mutating func check(_ phases: [DistillationPhase], teacher: Facts, student: Facts) {
    require(
      !phases.isEmpty, "recipe", "The recipe has no phase for this stage.",
      remedy: "Use a recipe that has one, such as .tinyBERT(), which has phases for raw text and for a task.")
    for (index, phase) in phases.enumerated() {
      for (field, message) in phase.faults {
        fault(phases.count == 1 ? field : "phases[\(index)].\(field)", message, remedy: "Change this option.")
      }
      for case .soft(let soft) in phase.objective.terms where soft.temperature > 20 {
        warn(
          "temperature", "A temperature of \(soft.temperature) erases most differences between classes.",
          remedy: "1 … 20 is usual.")
      }
      for match in phase.matches { check(match, teacher: teacher, student: student) }
    }
  }

  private mutating func check(_ match: Match, teacher: Facts, student: Facts) {
    if match.feature != .embeddings, let depth = teacher.layers, let own = student.layers {
      do { _ = try match.map.pairs(teacher: depth, student: own) } catch { fault("student", error) }
    }
    if match.comparesHeads, let heads = teacher.heads, let own = student.heads, heads != own {
      fault(
        "student", "The teacher has \(heads) heads, the student \(own): attention is compared head by head.",
        remedy: "Give the student \(heads) heads, as in .bert(layers: 2, hidden: 64, heads: \(heads)).")
    }
    if match.needsEqualWidths, let width = teacher.hidden, let own = student.hidden, width != own {
      fault(
        "student", "The teacher is \(width) wide, the student \(own): their states cannot be compared.",
        remedy: "Add a projection to the match.")
    }
  }
}
