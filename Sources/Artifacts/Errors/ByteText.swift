/// Sizes as people read them.
public enum ByteText {
  /// Three digits or so with a decimal unit: `812 B`, `23.4 MB`, `1.05 GB`.
  public static func of(_ bytes: Int) -> String {
    if bytes.magnitude < 1000 { return "\(bytes) B" }
    var size = Double(bytes)
    for unit in ["kB", "MB", "GB", "TB"] {
      size /= 1000
      if abs(size) < 999.5 { return "\(fixed(size, abs(size) < 9.995 ? 2 : abs(size) < 99.95 ? 1 : 0)) \(unit)" }
    }
    return "\(fixed(size / 1000, 1)) PB"
  }

  private static func fixed(_ value: Double, _ digits: Int) -> String {
    let scale = [1, 10, 100][digits]
    let units = Int((abs(value) * Double(scale)).rounded())
    let sign = value < 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(units)" }
    let rest = String(units % scale)
    return "\(sign)\(units / scale).\(String(repeating: "0", count: digits - rest.count))\(rest)"
  }
}
