import Artifacts

/// What came of carrying out a recorded recipe again.
package struct Reproduction: Sendable {
  package enum Outcome: String, Sendable {
    /// Every output has the recorded digest.
    case equal
    case different
    /// It was computed with other numerics: equal bytes are not promised, so nothing was computed.
    case otherProfile = "other-profile"
    /// The stage measures: its output is an observation, and nothing was computed.
    case measured
  }

  package struct Output: Sendable, Hashable {
    package var port: String
    package var recorded: Digest
    /// Nil where nothing was computed.
    package var computed: Digest?
  }

  package var label: String
  package var execution: Execution
  package var outcome: Outcome
  package var outputs: [Output]
  /// The profile of this machine.
  package var profile: NumericsProfile
  /// How long it took; 0 where nothing was computed.
  package var seconds = 0.0
  /// What had to be computed before it, in order.
  package var before: [Reproduction] = []

  package var isSameProfile: Bool { execution.details.profile == profile }

  init(label: String, execution: Execution, outcome: Outcome, profile: NumericsProfile, computed: Execution? = nil) {
    (self.label, self.execution, self.outcome, self.profile) = (label, execution, outcome, profile)
    outputs = execution.outputs.sorted { $0.key < $1.key }.map { port, record in
      Output(port: port, recorded: record.digest, computed: computed?.output(port)?.digest)
    }
  }
}
