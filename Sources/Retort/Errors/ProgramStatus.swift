import Planning

/// How a program of Retort ends, for the shell.
package enum ProgramStatus: Int32, Sendable, CaseIterable {
  case fine = 0
  /// Something failed; what had finished is kept.
  case failure = 1
  /// The command line or the pipeline is wrong: nothing ran.
  case usage = 2
  /// A goal was not reached, but the artifacts are kept.
  case goalMissed = 3
  /// Ctrl-C or SIGTERM; `resume` goes on.
  case interrupted = 130

  /// The paragraph of the help screens.
  package static let help = """
    EXIT CODES
      0    everything is fine
      1    a stage or the program failed; what had finished is kept
      2    the command line or the pipeline is wrong; nothing ran
      3    a goal was missed; all artifacts are kept
      130  interrupted; `resume` goes on where it stopped
    """

  /// The code for an error that ended the program.
  package init(_ error: any Error) {
    switch error {
    case let error as RetortError:
      if ["usage.", "program.", "name."].contains(where: error.code.rawValue.hasPrefix) {
        self = .usage
      } else if error.code.rawValue.hasPrefix("goal.") {
        self = .goalMissed
      } else if error.code == "run.interrupted" {
        self = .interrupted
      } else {
        self = .failure
      }
    case is PlanFaults: self = .usage
    case is CancellationError: self = .interrupted
    default: self = .failure
    }
  }
}
