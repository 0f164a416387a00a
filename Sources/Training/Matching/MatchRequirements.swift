import Artifacts
import Models

extension Match {
  /// Whether both models need the same number of heads.
  public var comparesHeads: Bool { feature.isAttention && !loss.allowsUnlikeHeads }

  /// Whether both models need the same width.
  public var needsEqualWidths: Bool {
    guard !feature.isAttention, projection == .none else { return false }
    switch loss {
    case .moments, .tokenGram: return false
    default: return true
    }
  }

  /// - Throws: where the feature of the two models cannot be compared with this loss.
  func requireComparable(teacher: BertConfiguration, student: BertConfiguration, pairs: [LayerPair]) throws {
    if comparesHeads {
      for pair in pairs {
        let heads = teacher.blockShape(pair.teacher.value).headCount
        let own = student.blockShape(pair.student.value).headCount
        guard heads == own else {
          throw RetortError(
            "matching.heads",
            "The teacher's block \(pair.teacher.value) has \(heads) heads, the student's block "
              + "\(pair.student.value) has \(own): their attention cannot be compared head by head.",
            remedy: "Give the student \(heads) heads, or use a loss over all heads.", at: Place(field: "student"))
        }
      }
    }
    if needsEqualWidths, teacher.hiddenSize != student.hiddenSize {
      throw RetortError(
        "matching.width",
        "The teacher is \(teacher.hiddenSize) wide, the student \(student.hiddenSize): their states cannot be compared.",
        remedy: "Add a projection to the match.", at: Place(field: "projection"))
    }
  }
}
