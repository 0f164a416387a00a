import Declaring

/// A model card as Markdown with the front matter that hubs read. Equal content gives equal text.
extension CardContent {
  var text: String {
    ([frontMatter, "# \(Self.plain(title))", summary, figures, form, use, evaluation, lineage, data].compactMap(\.self))
      .joined(separator: "\n\n") + "\n"
  }

  // MARK: Front matter

  private var frontMatter: String {
    var lines = ["---"]
    if let license { lines.append("license: \(Self.yaml(license))") }
    lines += Self.list("language", languages)
    if let baseModel { lines.append("base_model: \(Self.yaml(baseModel))") }
    if let relation { lines.append("base_model_relation: \(relation)") }
    if loader != nil { lines.append("library_name: transformers") }
    lines.append("pipeline_tag: \(task)")
    lines += Self.list("datasets", datasets) + Self.list("tags", ["retort"])
    if !results.isEmpty {
      lines += ["model-index:", "- name: \(Self.yaml(title))", "  results:"]
      for result in results {
        lines += [
          "  - task:", "      type: \(task)", "    dataset:", "      name: \(Self.yaml(result.data))",
          "      type: \(Self.yaml(datasets.first ?? result.data))",
        ]
        if let digest = result.digest { lines.append("      revision: \(Self.yaml(digest.hex))") }
        lines.append("    metrics:")
        for metric in result.metrics where metric.value.isFinite {
          lines += [
            "    - type: \(metric.type)", "      name: \(Self.yaml(metric.name))", "      value: \(metric.value)",
          ]
        }
      }
    }
    return (lines + ["---"]).joined(separator: "\n")
  }

  private static func list(_ name: String, _ values: [String]) -> [String] {
    values.isEmpty ? [] : ["\(name):"] + values.map { "- \(yaml($0))" }
  }

  /// A string in YAML's double quotes, which take JSON's escapes.
  private static func yaml(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case "\u{00}"..<"\u{20}", "\u{7F}"..."\u{A0}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  // MARK: Body

  private var summary: String {
    var text = "A \(kind)"
    if let labels = facts.labels, !labels.isEmpty {
      text += " (\(labels.prefix(20).map(Self.plain).joined(separator: ", "))\(labels.count > 20 ? ", …" : ""))"
    }
    text += ", made with Retort"
    if let baseModel { text += " from \(Self.plain(baseModel))" }
    return text + ". This card was written with the model: its figures and digests are those of the run that made it."
  }

  private var figures: String? {
    var rows: [(String, String)] = []
    if let count = facts.parameters { rows.append(("parameters", Self.grouped(count))) }
    rows.append(("bytes of all files", Self.grouped(bytes)))
    if let precision = facts.precision { rows.append(("numbers", precision)) }
    if let layers = facts.layers, let hidden = facts.hidden { rows.append(("layers × width", "\(layers) × \(hidden)")) }
    if let words = facts.vocabulary { rows.append(("vocabulary", Self.grouped(words))) }
    if let positions = facts.positions { rows.append(("longest input, in tokens", Self.grouped(positions))) }
    rows.append(("digest", "`\(digest.hex)`"))
    return Self.table(["", ""], rows.map { [$0.0, $0.1] })
  }

  /// What the weights are where they are not the model itself.
  private var form: String? {
    guard let original else { return nil }
    var changes: [String] = []
    if original.isPruned { changes.append("heads and neurons that pruning took out are zeros") }
    if original.isQuantized {
      changes.append("integers are the floats that they stand for, and activations are not rounded")
    }
    let answers = original.isQuantized ? "nearly the answers" : "the answers"
    var text = """
      ## Form

      transformers has no such model, so `model.safetensors` holds a dense equivalent: \(changes.joined(separator: "; ")). \
      It gives \(answers) of the model itself (digest `\(original.digest.short)`, \(Self.grouped(original.bytes)) bytes), \
      but is neither as small nor as fast.
      """
    if hasONNX { text += " The folder `onnx` has the small one." }
    return text
  }

  private var use: String {
    var parts = ["## Use"]
    if let loader {
      parts.append(
        """
        ```python
        from transformers import AutoTokenizer, \(loader)

        tokenizer = AutoTokenizer.from_pretrained("FOLDER")
        model = \(loader).from_pretrained("FOLDER")
        outputs = model(**tokenizer("A sentence.", return_tensors="pt"))
        ```
        """)
    }
    if isForRetort { parts.append("With Retort: `retort predict FOLDER \"A sentence.\"`") }
    if hasONNX {
      parts.append(
        "The folder `onnx` has the model for ONNX Runtime; its inputs are what the tokenizer gives, batches and lengths are "
          + "free.")
    }
    return parts.joined(separator: "\n\n")
  }

  private var evaluation: String? {
    guard !results.isEmpty else { return nil }
    let rows = results.flatMap { result in
      result.metrics.map { metric in
        [
          Self.plain(result.data), metric.name, Self.fixed(metric.value),
          metric.interval.map { "\(Self.fixed($0.low)) – \(Self.fixed($0.high))" } ?? "",
          Self.grouped(result.examples), result.digest.map { "`\($0.short)`" } ?? "",
        ]
      }
    }
    return "## Evaluation\n\n" + Self.table(["data", "metric", "value", "95 % interval", "examples", "digest"], rows)
  }

  private var lineage: String? {
    guard !steps.isEmpty else { return nil }
    let rows = steps.map { step in
      [
        Self.plain(step.label), "`\(step.stage)`", step.inputs.map(Self.plain).joined(separator: "; "),
        Self.plain(step.options), step.digests.map { "`\($0)`" }.joined(separator: "; "),
      ]
    }
    return "## How it was made\n\n" + Self.table(["step", "stage", "from", "options", "result"], rows)
  }

  private var data: String? {
    guard !sources.isEmpty else { return nil }
    let rows = sources.map {
      [Self.plain($0.name), "\(Self.plain($0.label)), \(Self.plain($0.option))", "`\($0.digest.hex)`"]
    }
    return "## Data\n\n" + Self.table(["file or folder", "read by", "SHA-256 of the content"], rows)
  }

  // MARK: Forms

  private static func table(_ titles: [String], _ rows: [[String]]) -> String {
    ([titles, titles.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |" }.joined(
      separator: "\n")
  }

  /// Text that cannot end a table's cell, a line, or begin markup.
  private static func plain(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "|", "`", "*", "_", "<", ">", "[", "]", "\\", "#": result += "\\" + String(scalar)
      case _ where scalar.properties.generalCategory == .control || scalar.properties.isWhitespace: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func fixed(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
    let units = Int((abs(value) * 10_000).rounded())
    let rest = String(units % 10_000)
    return (value < 0 && units > 0 ? "-" : "") + "\(units / 10_000)." + String(repeating: "0", count: 4 - rest.count)
      + rest
  }

  private static func grouped(_ value: Int) -> String {
    var result = ""
    let digits = String(value)
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }
}
