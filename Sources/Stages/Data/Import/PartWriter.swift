import Artifacts
import Training

/// Writes the parts of a task side by side.
final class PartWriter<Kind: TaskKind> {
  private var writers: [TaskParts.Part: TaskWriter<Kind>] = [:]
  private var firstTarget: LabelledExample.Target?
  /// Whether the training part has two targets, or two tags, that differ.
  private(set) var isVaried = false

  func open(_ part: TaskParts.Part, _ folder: FilePath) throws { writers[part] = try TaskWriter(to: folder) }

  func count(_ part: TaskParts.Part) -> Int { writers[part]?.count ?? 0 }

  func append(_ example: LabelledExample, to part: TaskParts.Part) throws {
    if part == .train, !isVaried, let target = example.target { note(target) }
    try writers[part]?.append(example)
  }

  private func note(_ target: LabelledExample.Target) {
    // Of tags, one stands for all while they are the same.
    var single = target
    if case .tags(let tags) = target, let first = tags.first {
      isVaried = tags.contains { $0 != first }
      single = .tags([first])
    }
    if let firstTarget { isVaried = isVaried || firstTarget != single } else { firstTarget = single }
  }

  /// - Throws: `data.part` where the part was not opened.
  func finish(_ part: TaskParts.Part, labels: [String]) throws -> TaskData<Kind> {
    guard let writer = writers[part] else {
      throw RetortError("data.part", "A part was not opened.", blame: .internal)
    }
    return try writer.finish(labels: labels)
  }
}
