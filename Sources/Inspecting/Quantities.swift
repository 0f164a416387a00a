extension Int {
  /// A number of bytes for people, in powers of 1000 as disks are sold: `4.2 MB`.
  public var asBytes: String {
    guard self >= 1000 else { return "\(self) B" }
    var value = Double(self)
    for unit in ["kB", "MB", "GB", "TB"] {
      value /= 1000
      if value < 999.5 || unit == "TB" {
        return value < 9.95 ? "\(value.asTenths) \(unit)" : "\(Int(value.rounded())) \(unit)"
      }
    }
    return "\(self) B"
  }
}

extension Double {
  /// A time span in seconds for people: `0.3 s`, `4 min 10 s`, `2 h 5 min`.
  public var asSeconds: String {
    guard isFinite, self >= 0 else { return "–" }
    if self < 0.0995 { return "\(Int((self * 1000).rounded())) ms" }
    if self < 9.95 { return "\(asTenths) s" }
    let whole = Int(rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }

  /// With one decimal.
  fileprivate var asTenths: String {
    let tenths = Int((self * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
