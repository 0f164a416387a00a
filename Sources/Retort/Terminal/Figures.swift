import Artifacts

/// Numbers as people read them: short, with a unit, the same in every locale.
package enum Figures {
  /// `value` with exactly `digits` decimals.
  package static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "–" : value < 0 ? "−∞" : "∞" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let units = Int64(scaled)
    let whole = units / Int64(scale)
    let sign = value < 0 && units != 0 ? "-" : ""
    guard digits > 0 else { return sign + String(whole) }
    let rest = String(units % Int64(scale))
    return sign + String(whole) + "." + String(repeating: "0", count: digits - rest.count) + rest
  }

  /// Three significant digits or so: `0.0312`, `4.17`, `96.2`, `1,240`.
  package static func short(_ value: Double) -> String {
    let size = abs(value)
    if size == 0 { return "0" }
    if size >= 1000 { return count(Int(min(size.rounded(), 9e15))).prefixed(value < 0 ? "-" : "") }
    if size >= 100 { return fixed(value, 0) }
    if size >= 10 { return fixed(value, 1) }
    if size >= 1 { return fixed(value, 2) }
    return fixed(value, size >= 0.1 ? 3 : size >= 0.001 ? 4 : 6)
  }

  /// `1234567` as `1,234,567`.
  package static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return value < 0 ? "-" + result : result
  }

  /// A large number in few columns: `812`, `205 k`, `1.01 M`.
  package static func compact(_ value: Int) -> String {
    if value.magnitude < 10_000 { return count(value) }
    var size = Double(value)
    for unit in ["k", "M", "G"] {
      size /= 1000
      if abs(size) < 999.5 { return "\(fixed(size, abs(size) < 9.995 ? 2 : abs(size) < 99.95 ? 1 : 0)) \(unit)" }
    }
    return "\(fixed(size / 1000, 1)) T"
  }

  /// A size with a decimal unit: `812 B`, `23.4 MB`.
  package static func bytes(_ value: Int) -> String { ByteText.of(value) }

  /// A length of time: `8 ms`, `4.2 s`, `3 min 05 s`, `2 h 14 min`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "–" }
    if seconds < 0.9995 { return "\(fixed(seconds * 1000, 0)) ms" }
    if seconds < 59.95 { return "\(fixed(seconds, 1)) s" }
    let whole = Int(min(seconds.rounded(), 3e9))
    if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
    if whole < 86_400 { return "\(whole / 3600) h \(twoDigits(whole % 3600 / 60)) min" }
    return "\(whole / 86_400) d \(twoDigits(whole % 86_400 / 3600)) h"
  }

  /// The same in few columns, for a view that is redrawn: `0:04`, `3:05`, `2:14:00`.
  package static func clock(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "–" }
    let whole = Int(min(seconds.rounded(), 3e9))
    if whole < 3600 { return "\(whole / 60):\(twoDigits(whole % 60))" }
    return "\(whole / 3600):\(twoDigits(whole % 3600 / 60)):\(twoDigits(whole % 60))"
  }

  /// A share of one, as `93.1 %`.
  package static func percent(_ share: Double, _ digits: Int = 1) -> String { "\(fixed(share * 100, digits)) %" }

  /// A noun with its number: `1 stage`, `2 stages`.
  package static func counted(_ value: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(count(value)) \(value == 1 ? noun : plural ?? noun + "s")"
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}

extension String {
  fileprivate func prefixed(_ prefix: String) -> String { prefix + self }
}
