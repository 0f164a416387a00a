import Artifacts

/// Finds the columns that are asked for.
struct ColumnFinder {
  private let row: TableRow
  private let names: [String]?
  private let file: String
  private var places: [String: Int] = [:]

  /// - Throws: `data.duplicate-column`.
  init(_ row: TableRow, names: [String]?, _ file: String) throws {
    (self.row, self.names, self.file) = (row, names, file)
    for (index, name) in (names ?? []).enumerated() where places.updateValue(index, forKey: name) != nil {
      throw RetortError(
        "data.duplicate-column", "The column “\(name.clipped)” is there twice.",
        remedy: "Give each column its own name.",
        at: row.place(ofByte: row.fields[index].lowerBound, file, field: name))
    }
  }

  /// The place of a column, from 0.
  ///
  /// - Throws: `data.missing-column`.
  func place(of column: TaskColumn, option: String) throws -> Int {
    switch column {
    case .last: return row.fields.count - 1
    case .number(let number):
      if (1...row.fields.count).contains(number) { return number - 1 }
      throw RetortError(
        "data.missing-column", "There is no column \(number): the row has \(row.fields.count).",
        remedy: "Give the right number with the option “\(option)”; the first column is 1.",
        at: Place(file: file, line: row.line, field: "column \(number)"))
    case .name(let name):
      if let place = places[name] { return place }
      let names = names ?? []
      let hint =
        names.contains { $0.contains(",") }
        ? " If commas separate the fields instead of tabs, read the file as CSV." : ""
      let nearest = NearestName.of(name, among: names).map { " Is “\($0)” meant?" } ?? ""
      throw RetortError(
        "data.missing-column",
        "There is no column “\(name)”; there are \(names.prefix(40).map { "“\($0.clipped)”" }.joined(separator: ", ")).",
        remedy: "Name the right column with the option “\(option)”.\(nearest)\(hint)",
        at: Place(file: file, line: row.line, field: name))
    }
  }
}

/// The name that somebody may have meant.
enum NearestName {
  /// The name with the fewest changes of a letter from `name`, case aside, if these are at most a third of it.
  static func of(_ name: String, among names: [String]) -> String? {
    let wanted = Array(name.lowercased().prefix(64))
    var best: (distance: Int, name: String)?
    for candidate in names.prefix(200) {
      let distance = distance(wanted, Array(candidate.lowercased().prefix(64)))
      if distance < best?.distance ?? Int.max { best = (distance, candidate) }
    }
    return best.flatMap { $0.distance * 3 <= max(3, wanted.count) ? $0.name : nil }
  }

  /// Letters to insert, remove or replace (Levenshtein 1966).
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var row = Array(0...right.count)
    for (line, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = line + 1
      for column in right.indices {
        let replaced = diagonal + (letter == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
