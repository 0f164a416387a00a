/// A number for each code point, stored once for each different page of 256.
struct PagedTable<Element: FixedWidthInteger & Sendable>: Sendable {
  /// The value of a code point is `pages[pageOf[code >> 8] << 8 | code & 255]`.
  private let pageOf: [UInt16]
  private let pages: [Element]

  /// - Parameter values: One for each of the 0x110000 code points.
  init(_ values: [Element]) {
    var known: [[Element]: UInt16] = [:]
    var pageOf: [UInt16] = []
    var pages: [Element] = []
    for start in stride(from: 0, to: values.count, by: 256) {
      let page = Array(values[start..<start + 256])
      if let number = known[page] {
        pageOf.append(number)
      } else {
        let number = UInt16(pages.count >> 8)
        known[page] = number
        pageOf.append(number)
        pages += page
      }
    }
    (self.pageOf, self.pages) = (pageOf, pages)
  }

  subscript(code: UInt32) -> Element {
    @inline(__always) get { pages[Int(pageOf[Int(code >> 8)]) << 8 | Int(code & 255)] }
  }
}

/// The text form of tables of code points: items with spaces between them, numbers in hexadecimal.
enum CodePointText {
  /// Calls `body` for each code of `code` and `first-last` items.
  static func forEachCode(of table: String, _ body: (UInt32) -> Void) {
    for item in table.utf8.split(separator: UInt8(ascii: " ")) {
      let ends = item.split(separator: UInt8(ascii: "-")).map(code)
      for code in ends[0]...ends[ends.count - 1] { body(code) }
    }
  }

  /// `code>code+code` and `first-last/step>target` items.
  static func mapping(_ table: String) -> [UInt32: [UInt32]] {
    var result: [UInt32: [UInt32]] = [:]
    for item in table.utf8.split(separator: UInt8(ascii: " ")) {
      let sides = item.split(separator: UInt8(ascii: ">"))
      let targets = sides[1].split(separator: UInt8(ascii: "+")).map(code)
      let span = sides[0].split { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "/") }.map(code)
      guard span.count == 3 else {
        result[span[0]] = targets
        continue
      }
      for source in stride(from: span[0], through: span[1], by: Int(span[2])) {
        result[source] = [targets[0] + source - span[0]]
      }
    }
    return result
  }

  static func code(_ digits: some Sequence<UInt8>) -> UInt32 {
    digits.reduce(0) { $0 << 4 | UInt32($1 <= 0x39 ? $1 &- 0x30 : $1 &- 0x37) }
  }
}
