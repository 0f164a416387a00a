/// The label of each declared stage: as given, or the type's name made unique.
struct Labelling {
  let labels: [String]

  init(_ pipeline: Pipeline, catalogue: inout StageCatalogue, faults: inout FaultCollector) {
    var taken: Set<String> = []
    taken.reserveCapacity(pipeline.stages.count)
    for (node, declared) in pipeline.stages.enumerated() {
      guard let label = declared.label else { continue }
      if Self.isBlank(label) {
        faults.add(
          RetortError(
            "plan.label-empty", "The label is empty.", remedy: "Give the stage a name that people can ask for.",
            at: Place(stage: label, field: "label")), node: node)
      } else if !taken.insert(label).inserted {
        faults.add(
          RetortError(
            "plan.label-duplicate", "Two stages have the label “\(label)”.", remedy: "Rename one of them.",
            at: Place(stage: label, field: "label")), node: node)
      }
    }
    var counts: [String: Int] = [:]
    var labels: [String] = []
    labels.reserveCapacity(pipeline.stages.count)
    for declared in pipeline.stages {
      if let label = declared.label {
        labels.append(label)
        continue
      }
      let name = catalogue.traits(of: type(of: declared.stage)).name
      var count = counts[name, default: 0]
      var label = name
      repeat {
        count += 1
        label = count == 1 ? name : "\(name)-\(count)"
      } while !taken.insert(label).inserted
      counts[name] = count
      labels.append(label)
    }
    self.labels = labels
  }

  private static func isBlank(_ label: String) -> Bool {
    // Almost every label begins with a visible ASCII character.
    if let first = label.utf8.first, first > 0x20, first < 0x7F { return false }
    return label.allSatisfy(\.isWhitespace)
  }
}
