/// The texts of a new pipeline.
enum Templates {
  /// A pipeline that runs as it stands, with a stage of its own.
  static func pipeline(_ name: PipelineName) -> String {
    """
    import FoundationEssentials
    import Retort

    /// Counts the words of a text and lists the most frequent: a start to write your own pipeline from.
    @main
    struct \(name.type): PipelineProgram {
      static let abstract = "Counts the words of a text."

      @Option(help: "The text to read.") var text = "\(folder(name))/sample.txt"
      @Option(help: "Words to list.") var words = 10

      var body: Pipeline {
        let counts = stage("counts", CountWords(text: SourceFile(text)))
        stage("top", TopWords(counts: counts, limit: words))
      }
    }

    /// How often each word of a text occurs.
    struct WordCounts: ValueArtifact {
      static let kind = "word-counts"
      var counts: [String: Int]
    }

    /// Counts words. A stage is a struct: its `Ref`s are edges, its other properties decide when it runs again.
    struct CountWords: Stage {
      static let id = "\(name.program).count-words"
      static let version = 1

      var text: SourceFile

      func run(_ context: StageContext) async throws -> WordCounts {
        let path = try context.load(text)
        let words = try String(contentsOfFile: path.string, encoding: .utf8).lowercased()
          .split { !$0.isLetter && !$0.isNumber }
        context.log("\\(words.count) words")
        return WordCounts(counts: Dictionary(words.map { (String($0), 1) }, uniquingKeysWith: +))
      }
    }

    /// Keeps the most frequent words, and among equals the first by alphabet.
    struct TopWords: Stage {
      static let id = "\(name.program).top-words"
      static let version = 1

      var counts: Ref<WordCounts>
      var limit: Int

      /// Checked before anything runs, and reported with all other faults.
      func forecast(_ forecast: inout Forecast) -> Facts {
        forecast.require(limit > 0, "limit", "A list of \\(limit) words holds nothing.", remedy: "Take at least 1.")
        return .unknown
      }

      func run(_ context: StageContext) async throws -> WordCounts {
        let all = try context.load(counts).counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let top = all.prefix(limit)
        for (word, count) in top { context.log("\\(count) \\(word)") }
        return WordCounts(counts: Dictionary(uniqueKeysWithValues: top.map { ($0.key, $0.value) }))
      }
    }

    """
  }

  static let sample = """
    A retort is a vessel in which substances are distilled.
    What is volatile rises, what is heavy stays, and what is wanted drips into a smaller vessel.

    """

  static func manifest(_ name: PipelineName, dependency: String, identity: String) -> String {
    """
    // swift-tools-version: 6.2
    \("import") PackageDescription

    let package = Package(
      name: "\(name.program)",
      platforms: [.macOS(.v15)],
      dependencies: [
        \(dependency)
      ],
      targets: [
        .executableTarget(
          name: "\(name.program)",
          dependencies: [.product(name: "Retort", package: "\(identity)")],
          path: "\(folder(name))",
          exclude: ["sample.txt"])
      ]
    )

    """
  }

  static func readme(_ name: PipelineName) -> String {
    """
    # \(name.program)

    A pipeline of Retort.

    ```
    swift run -c release \(name.program)                    # runs what is not in ./cache yet
    swift run -c release \(name.program) --words 5          # runs one of the two stages again
    swift run -c release \(name.program) why top            # says why
    swift run -c release \(name.program) --help
    ```

    """
  }

  static let ignored = """
    .build/
    cache/

    """

  /// The target of a pipeline in a package that is there already.
  static func target(_ name: PipelineName, dependency: String) -> String {
    """
        .executableTarget(
          name: "\(name.program)", dependencies: [\(dependency)], path: "\(folder(name))",
          exclude: ["sample.txt"]),
    """
  }

  static func folder(_ name: PipelineName) -> String { "pipelines/\(name.program)" }
}
