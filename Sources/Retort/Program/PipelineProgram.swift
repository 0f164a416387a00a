/// A pipeline with its parameters: a program whose commands run it, plan it and explain it.
///
/// ```swift
/// @main
/// struct Tiny: PipelineProgram {
///   @Option(help: "Sentences to learn from.") var data: String
///
///   var body: Pipeline {
///     let corpus = stage("corpus", ImportText(SourceFile(data)))
///     stage("vocabulary", TrainVocabulary(corpus))
///   }
/// }
/// ```
///
/// Its `@Option`s and `@Flag`s are flags of every command, before and after the command's name. The expressions of `body`
/// are the pipeline's roots: what a run brings up to date.
public protocol PipelineProgram: ParsableArguments {
  /// Declares the stages, with `stage(_:_:)`, and names the roots.
  @PipelineBuilder var body: Pipeline { get }

  /// One sentence for the help screen.
  static var abstract: String { get }

  /// The name under which the cache records runs: by default the type's, as in `sst2` or `bert-sst2`.
  static var name: String { get }
}

extension PipelineProgram {
  public static var abstract: String { "" }
  public static var name: String { ParameterName.kebab(String(describing: Self.self)) }

  /// Reads the command line, does what it asks for, and ends the process with an exit code.
  public static func main() {
    ProgramMain<Self>.main(Array(CommandLine.arguments.dropFirst()))
  }
}
