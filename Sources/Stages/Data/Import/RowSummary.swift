import Artifacts
import Training

/// What sharing out a file's examples needs to know of them: no texts, so that the file may be larger than memory.
struct RowSummary {
  /// The label of each example, as `LabelCollector` numbers them; 0 where there are no labels.
  var strata: [Int32] = []
  /// A hash of what must stay in one part; for ranking the query, else the text, unless there is a column of groups.
  var groups: [UInt64] = []
  /// Hashes of the texts, for ranking of the queries, where `groups` has others.
  private var texts: [UInt64] = []
  private let hasGroups: Bool

  init(hasGroups: Bool) { self.hasGroups = hasGroups }

  var count: Int { groups.count }

  /// What two parts should not share.
  var leakHashes: [UInt64] { hasGroups ? texts : groups }

  mutating func append(_ row: TaskRow, stratum: Int32, isRanked: Bool) {
    strata.append(stratum)
    let text = isRanked ? row.queryHash : row.textHash
    groups.append(row.group.map(TextHash.exact) ?? text)
    if hasGroups { texts.append(text) }
  }
}

/// The labels of a task while its files are read.
struct LabelCollector {
  /// In the order in which they were seen, or listed.
  private(set) var values: [String] = []
  private var numbers: [String: Int32] = [:]
  /// Whether a label that was not seen yet is a new one.
  private let isOpen: Bool

  /// More are taken for a sign that the column is not the one of the labels.
  static let most = 1_000

  /// - Parameter listed: all labels; nil collects them.
  init(listed: [String]?) {
    isOpen = listed == nil
    for value in listed ?? [] { _ = insert(value) }
  }

  private mutating func insert(_ value: String) -> Int32 {
    let number = Int32(values.count)
    values.append(value)
    numbers[value] = number
    return number
  }

  /// - Throws: `data.unknown-label`, `data.many-labels`.
  mutating func number(of value: String, at place: Place) throws(RetortError) -> Int32 {
    if let number = numbers[value] { return number }
    guard isOpen else { throw TargetReader.unknown(value, values, at: place) }
    guard values.count < Self.most else {
      throw RetortError(
        "data.many-labels", "There are more than \(Self.most) different labels.",
        remedy: "Check that the label column is the right one.", at: Place(file: place.file, field: place.field))
    }
    return insert(value)
  }

  /// The labels in a model's order: by number where all are whole numbers, else by their bytes.
  var sorted: [String] {
    let numbers = values.compactMap { Int($0) }
    return numbers.count == values.count && Set(numbers).count == numbers.count
      ? values.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) }
      : values.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
