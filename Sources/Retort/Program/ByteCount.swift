import ArgumentParser

/// A number of bytes on the command line, as `retort` prints it: `500MB`, `1.5 GB`, `4096`.
package struct ByteCount: ExpressibleByArgument, Equatable, Sendable {
  package var bytes: Int

  private static let units: [(String, Double)] = [
    ("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("K", 1e3), ("B", 1),
    ("", 1),
  ]

  package init?(argument: String) {
    let text = argument.uppercased()
    for (unit, factor) in Self.units where text.hasSuffix(unit) {
      let digits = text.dropLast(unit.count).filter { $0 != " " }
      guard let value = Double(digits), value.isFinite, value >= 0, value * factor < 9e18 else { return nil }
      bytes = Int(value * factor)
      return
    }
    return nil
  }
}
