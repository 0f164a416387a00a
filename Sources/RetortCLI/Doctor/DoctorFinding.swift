import Retort

/// One thing that `doctor` looked at.
struct DoctorFinding: Sendable {
  enum Verdict: String, Sendable {
    case fine, hint, problem
  }

  var name: String
  var value: String
  var verdict: Verdict
  /// How to mend it.
  var remedy: String
  /// Figures and parts, for programs.
  var details: [JSONLine.Field]

  init(
    _ name: String, _ value: String, _ verdict: Verdict = .fine, remedy: String = "", details: [JSONLine.Field] = []
  ) {
    self.name = name
    self.value = value
    self.verdict = verdict
    self.remedy = remedy
    self.details = details
  }

  var json: JSONLine {
    var fields: [JSONLine.Field] = [
      .init("name", .string(name)), .init("value", .string(value)), .init("verdict", .string(verdict.rawValue)),
    ]
    if !remedy.isEmpty { fields.append(.init("remedy", .string(remedy))) }
    return .object(fields + details)
  }
}
