import Artifacts
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How often a request is tried, and how long is waited in between.
public struct HubPatience: Sendable {
  /// Attempts without progress; bytes that arrive count as progress.
  public var attempts: Int
  /// Seconds before the second attempt; each later wait is twice the one before, up to `longest`.
  public var first: Double
  public var longest: Double
  /// A server that asks for more seconds than this is not waited for.
  public var longestAsked: Double
  public var sleep: @Sendable (Double) -> Void

  public init(
    attempts: Int = 5, first: Double = 0.5, longest: Double = 30, longestAsked: Double = 300,
    sleep: @escaping @Sendable (Double) -> Void = { usleep(UInt32(max(0, $0) * 1e6)) }
  ) {
    (self.attempts, self.first, self.longest, self.longestAsked) = (attempts, first, longest, longestAsked)
    self.sleep = sleep
  }

  /// Seconds to wait after the given number of failures, from 1.
  func wait(after failures: Int) -> Double { min(longest, first * Double(1 << min(failures - 1, 20))) }

  /// Waits in short pieces, so that `check` can end it.
  func pause(_ seconds: Double, check: () throws -> Void) throws {
    var rest = seconds
    repeat {
      try check()
      sleep(min(rest, 0.2))
      rest -= 0.2
    } while rest > 0
  }

  /// The seconds of a `Retry-After`, which is a number or a date; nil for anything else.
  static func seconds(_ text: String?, now: Date = Date()) -> Double? {
    guard let text = text?.trimmed else { return nil }
    if let seconds = Int(text) { return seconds >= 0 ? Double(seconds) : nil }
    return date(text).map { max(0, $0 - now.timeIntervalSince1970) }
  }

  /// Seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
  private static func date(_ text: String) -> Double? {
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", words[0].hasSuffix(",") else { return nil }
    let clock = words[4].split(separator: ":").map { Int32($0) ?? -1 }
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard clock.count == 3, let day = Int32(words[1]), let year = Int32(words[3]), 1970...9999 ~= year,
      let month = months.firstIndex(of: String(words[2])), 1...31 ~= day, 0..<24 ~= clock[0], 0..<60 ~= clock[1],
      0...60 ~= clock[2]
    else { return nil }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, Int32(month), day)
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (clock[0], clock[1], clock[2])
    return Double(timegm(&parts))
  }
}
