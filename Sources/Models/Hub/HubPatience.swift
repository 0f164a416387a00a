import Artifacts
import Foundation

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
    sleep: @escaping @Sendable (Double) -> Void = { Thread.sleep(forTimeInterval: $0) }
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
    guard let text = text?.trimmingCharacters(in: .whitespaces) else { return nil }
    if let seconds = Int(text) { return seconds >= 0 ? Double(seconds) : nil }
    let form = DateFormatter()
    form.locale = Locale(identifier: "en_US_POSIX")
    form.timeZone = TimeZone(identifier: "GMT")
    form.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    return form.date(from: text).map { max(0, $0.timeIntervalSince(now)) }
  }
}
