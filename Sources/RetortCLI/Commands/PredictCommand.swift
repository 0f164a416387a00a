import ArgumentParser
import Retort

struct PredictCommand: ToolCommand {
  static let configuration = CommandConfiguration(commandName: "predict", abstract: "Ask a model.")
  func execute() async throws -> ProgramStatus { .fine }
}
