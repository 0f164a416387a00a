/// The names of the fields that one type of coding key stands for, as they were met.
///
/// Stages of one type encode the same fields in the same order, thousands of times: each name is put into its canonical
/// bytes once, and the order of each number of fields is found once. Like the sink that owns it, it is used by one encoding
/// at a time.
final class FieldNames {
  @exclusivity(unchecked) private(set) var names: [String] = []
  @exclusivity(unchecked) private var isASCII: [Bool] = []
  /// The canonical bytes of all names, one after the other: length and UTF-8.
  @exclusivity(unchecked) private var bytes: [UInt8] = []
  @exclusivity(unchecked) private var ends: [Int] = []
  @exclusivity(unchecked) private var numbers: [String: Int] = [:]
  /// By count: the first so many names in order of their bytes.
  @exclusivity(unchecked) private var orders: [Int: [Int32]] = [:]

  /// The number of a name; a new one gets the next.
  ///
  /// - Parameter guess: the number that it most likely has.
  func number(of name: String, guess: Int) -> Int {
    if guess < names.count, isSame(guess, name) { return guess }
    if let known = numbers[name] {
      if isSame(known, name) { return known }
      if let other = names.indices.first(where: { isSame($0, name) }) { return other }
    } else {
      numbers[name] = names.count
    }
    names.append(name)
    isASCII.append(name.utf8.allSatisfy { $0 < 0x80 })
    withUnsafeBytes(of: UInt32(name.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: name.utf8)
    ends.append(bytes.count)
    return names.count - 1
  }

  /// Whether a name has the same bytes. Equal strings may differ in theirs, as composed and decomposed letters do; none of
  /// the length of an ASCII string that equals it does.
  private func isSame(_ number: Int, _ name: String) -> Bool {
    isASCII[number]
      ? names[number] == name && names[number].utf8.count == name.utf8.count
      : names[number].utf8.elementsEqual(name.utf8)
  }

  /// Appends the canonical bytes of a name.
  func write(_ number: Int, to buffer: inout [UInt8]) {
    let start = number == 0 ? 0 : ends[number - 1]
    bytes.withUnsafeBytes { buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[start..<ends[number]])) }
  }

  /// The first `count` names in order of their bytes.
  func order(of count: Int) -> [Int32] {
    if let known = orders[count] { return known }
    let order = (0..<Int32(count)).sorted { precedes(Int($0), Int($1)) }
    // Stages have few fields, in few numbers; an object with keys of its own may have any.
    if count <= 128 { orders[count] = order }
    return order
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    names[left].utf8.lexicographicallyPrecedes(names[right].utf8)
  }
}
