import Artifacts

/// A block of a model, from 0.
///
/// Lists of hidden states count otherwise: there 0 is the embeddings' output and k the output of block k − 1. The two
/// are types of their own, since most slips in layer maps come from mixing them.
public struct BlockIndex: Sendable, Hashable, Comparable, Codable, ExpressibleByIntegerLiteral {
  public var value: Int

  public init(_ value: Int) { self.value = value }
  public init(integerLiteral value: Int) { self.value = value }
  public init(from decoder: any Decoder) throws { value = try decoder.singleValueContainer().decode(Int.self) }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }

  public static func < (left: BlockIndex, right: BlockIndex) -> Bool { left.value < right.value }

  /// Where the block's output stands in the list of hidden states.
  public var output: HiddenIndex { HiddenIndex(value + 1) }
}

/// A place in a model's list of hidden states: 0 is the embeddings' output, k the output of block k − 1.
public struct HiddenIndex: Sendable, Hashable, Comparable {
  public var value: Int

  public init(_ value: Int) { self.value = value }

  /// The embeddings' output.
  public static let embeddings = HiddenIndex(0)

  public static func < (left: HiddenIndex, right: HiddenIndex) -> Bool { left.value < right.value }
}

/// A student's block and the teacher's block that it learns from or is copied from.
public struct LayerPair: Sendable, Hashable, Codable {
  public var student: BlockIndex
  public var teacher: BlockIndex

  public init(student: BlockIndex, teacher: BlockIndex) {
    self.student = student
    self.teacher = teacher
  }
}

/// Which of the teacher's N blocks each of the student's M blocks looks at. Blocks count from 0.
public enum LayerMap: Sendable, Hashable, Codable {
  /// Block i at (i + 1) · N / M − 1; N must be a multiple of M (TinyBERT, Jiao et al. 2020).
  case uniform
  /// Block i at round((i + 1) · N / M) − 1, halves to even: `uniform` for any depth.
  case rounded
  /// All but the student's last block, at (i + 1) · N / M − 1: the logits supervise the last (BERT-PKD, Sun et al. 2019).
  case pkdSkip
  /// All but the student's last block, at the teacher's last ones but one: N − M … N − 2 (BERT-PKD).
  case pkdLast
  /// The teacher's first M blocks.
  case first
  /// The teacher's last M blocks: both ends meet.
  case last
  /// The student's last block at the teacher's last (MiniLM, Wang et al. 2020).
  case lastOnly
  /// N = M, block by block.
  case identity
  /// The blocks 0, 2, 4, 7, 9, 11 of 12 (DistilBERT, Sanh et al. 2019); six blocks of a teacher of twelve only.
  case distilBERT
  case explicit([LayerPair])

  /// The pairs, in the order of the student's blocks.
  ///
  /// - Parameters: teacher: N; student: M.
  /// - Throws: `layers.map` where the map does not fit the two depths, saying what would.
  public func pairs(teacher: Int, student: Int) throws -> [LayerPair] {
    guard teacher > 0, student > 0 else {
      throw misfit("there are \(teacher) and \(student) blocks", "Give both blocks.")
    }
    func pairs(_ students: Range<Int>, _ rule: (Int) -> Int) -> [LayerPair] {
      students.map { LayerPair(student: BlockIndex($0), teacher: BlockIndex(rule($0))) }
    }
    switch self {
    case .uniform:
      try requireMultiple(teacher, student)
      return pairs(0..<student) { ($0 + 1) * teacher / student - 1 }
    case .rounded:
      try requireFewer(teacher, student)
      return pairs(0..<student) {
        Int((Double(($0 + 1) * teacher) / Double(student)).rounded(.toNearestOrEven)) - 1
      }
    case .pkdSkip:
      try requireMultiple(teacher, student)
      return pairs(0..<student - 1) { ($0 + 1) * teacher / student - 1 }
    case .pkdLast:
      try requireFewer(teacher, student)
      return pairs(0..<student - 1) { teacher - student + $0 }
    case .first:
      try requireFewer(teacher, student)
      return pairs(0..<student) { $0 }
    case .last:
      try requireFewer(teacher, student)
      return pairs(0..<student) { teacher - student + $0 }
    case .lastOnly: return [LayerPair(student: BlockIndex(student - 1), teacher: BlockIndex(teacher - 1))]
    case .identity:
      guard teacher == student else {
        throw misfit("the teacher has \(teacher) blocks and the student \(student)", "Use .uniform.")
      }
      return pairs(0..<student) { $0 }
    case .distilBERT:
      guard teacher == 12, student == 6 else {
        throw misfit("DistilBERT's list is for 12 and 6 blocks, not \(teacher) and \(student)", "Use .uniform.")
      }
      return pairs(0..<6) { [0, 2, 4, 7, 9, 11][$0] }
    case .explicit(let pairs):
      try check(pairs, teacher, student)
      return pairs
    }
  }

  private func check(_ pairs: [LayerPair], _ teacher: Int, _ student: Int) throws {
    guard !pairs.isEmpty else { throw misfit("it names no pair", "Name at least one.") }
    for pair in pairs
    where !(0..<student).contains(pair.student.value) || !(0..<teacher).contains(pair.teacher.value) {
      throw misfit(
        "block \(pair.student.value) of the student and \(pair.teacher.value) of the teacher are not both there "
          + "(they have \(student) and \(teacher))", "Number blocks from 0.")
    }
    for (left, right) in zip(pairs, pairs.dropFirst())
    where left.student >= right.student || left.teacher >= right.teacher {
      throw misfit("its pairs do not ascend", "Name each block once, from the lowest to the highest.")
    }
  }

  private func requireMultiple(_ teacher: Int, _ student: Int) throws {
    guard teacher % student == 0, student <= teacher else {
      throw misfit(
        "the teacher's \(teacher) blocks are no multiple of the student's \(student)",
        "Choose a depth that divides the teacher's, or use .rounded.")
    }
  }

  private func requireFewer(_ teacher: Int, _ student: Int) throws {
    guard student <= teacher else {
      throw misfit("the student has \(student) blocks, the teacher \(teacher)", "Choose a shallower student.")
    }
  }

  private func misfit(_ what: String, _ remedy: String) -> RetortError {
    RetortError("layers.map", "The layer map does not fit: \(what).", remedy: remedy, at: Place(field: "map"))
  }
}
