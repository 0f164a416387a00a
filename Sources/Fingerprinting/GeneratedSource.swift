extension CodeMap {
  /// A Swift file that gives each stage of the target its fingerprint.
  ///
  /// - Parameters:
  ///   - module: what declares `Stage`.
  ///   - shared: the hash of the targets that stages share; nil where there are none.
  public func generatedSource(importing module: String, shared: String?) -> String {
    var text = "// Made by the build from the source files of this target: see CodeFingerprint.\n\nimport \(module)\n"
    for stage in stages {
      var lines = stage.files.map { "\($0)=\(hashes[$0] ?? "")" }
      if let shared { lines.append("shared=\(shared)") }
      text += """

        extension \(stage.type) {
          public static var codeFingerprint: CodeFingerprint? {
            CodeFingerprint(
              \"""
        \(lines.map { "      " + $0 }.joined(separator: "\n"))
              \""")
          }
        }

        """
    }
    return text
  }
}
