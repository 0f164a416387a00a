import Declaring
import FoundationEssentials
import Supervising
import Synchronization

/// Messages over a channel: each a length of four bytes, then JSON. Any thread may send; one thread receives.
final class MessageChannel: Sendable {
  private let end: ChannelEnd
  private let turn = Mutex(())
  private let buffer = Mutex<[UInt8]>([])

  /// No message is longer: a length beyond it is damage.
  private let longest: Int

  init(_ end: ChannelEnd, longest: Int = 1 << 30) { (self.end, self.longest) = (end, longest) }

  /// - Returns: false where the other side is gone.
  /// - Throws: `worker.long` for a message that the other side would not take.
  @discardableResult
  func send(_ message: some Encodable) throws -> Bool {
    let body = try JSONEncoder.worker.encode(message)
    guard body.count <= longest else {
      throw RetortError(
        "worker.long", "What goes to or from the stage's process, \(body.count) bytes as text, is too long for it.",
        remedy: "Let the stage give a folder instead of a value, or run it without --isolate.", blame: .stage)
    }
    var bytes = [UInt8]()
    bytes.reserveCapacity(body.count + 4)
    withUnsafeBytes(of: UInt32(body.count).littleEndian) { bytes += $0 }
    bytes += body
    return turn.withLock { _ in end.send(bytes) }
  }

  /// Waits for the next message; nil once the other side is gone.
  func receive<Message: Decodable>(_ type: Message.Type) throws -> Message? {
    guard let body = try buffer.withLock({ try next(&$0) }) else { return nil }
    return try JSONDecoder.worker.decode(type, from: body)
  }

  private func next(_ buffer: inout [UInt8]) throws -> Data? {
    guard fill(&buffer, to: 4) else { return nil }
    let length = buffer.prefix(4).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    guard length <= longest else {
      throw RetortError("worker.message", "A message of \(length) bytes makes no sense.", blame: .internal)
    }
    guard fill(&buffer, to: 4 + length) else { return nil }
    defer { buffer.removeFirst(4 + length) }
    return Data(buffer[4..<4 + length])
  }

  private func fill(_ buffer: inout [UInt8], to count: Int) -> Bool {
    while buffer.count < count {
      let more = end.receive()
      if more.isEmpty { return false }
      buffer += more
    }
    return true
  }
}
