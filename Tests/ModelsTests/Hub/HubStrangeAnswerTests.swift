import Artifacts
import Foundation
import HubServer
import Testing

@testable import Models

/// Answers that are rare, and what must not come of them.
extension HubTroubleTests {
  /// A page of a gateway is no reason to give up what has arrived.
  @Test func aPageInsteadOfTheRestCostsNothing() throws {
    let fixture = try fixture([{ _ in Self.cut(100_000) }, { _ in .answer(200, Array("<html>busy</html>".utf8)) }])
    try fixture.pull()
    try expectWhole(fixture)
    #expect(fixture.storageRequests.map(\.firstByte) == [nil, 100_000, 100_000])
  }

  /// Whoever downloads to a place has it for itself.
  @Test func anotherPullIntoTheFolderIsRefused() throws {
    struct Stop: Error {}
    let fixture = try HubFixture()
    #expect(throws: Stop.self) { try fixture.pull(progress: { if $0.done > 100_000 { throw Stop() } }) }
    let partial = fixture.target.appending(try #require(try fixture.names().first(where: HubClient.isPartial)))
    do {
      let lock = try #require(try ByteLock.attempt(.exclusive, of: partial, at: 0))
      withExtendedLifetime(lock) { #expect(fixture.code() == "hub.taken") }
    }
    try fixture.pull()
    try expectWhole(fixture)
  }

  @Test func interimAnswersAreNone() throws {
    let body = Self.weights.bytes
    let fixture = try fixture([
      { _ in
        [
          .text("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Length: 5\r\n\r\n"),
          .text("HTTP/1.1 200 OK\r\nContent-Length:  300000 \t\r\n\r\n"), .bytes(body),
        ]
      }
    ])
    try fixture.pull()
    try expectWhole(fixture)
    // Nothing was asked for that could follow.
    let other = try self.fixture([
      { _ in
        [.text("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), .bytes([1, 2, 3])]
      }
    ])
    _ = other.code()
    for name in try other.names() where HubClient.isPartial(name) { #expect(try other.bytes(name).isEmpty) }
    try other.pull()
    try expectWhole(other)
  }

  /// No number of a server's ends the process.
  @Test(arguments: ["9223372036854775807", "99999999999999999999999999", "-1", "Fri, 31 Dec 9999 23:59:59 GMT"])
  func noTimeToWaitIsTooLong(text: String) throws {
    let fixture = try HubFixture {
      $0.misbehaviour = { _, _ in .answer(429, headers: ["Retry-After": text]) }
    }
    #expect(fixture.code() == "hub.busy")
  }

  @Test func sizesAreNotAddedUpWithoutLimit() throws {
    let size = "9223372036854775807"
    let fixture = try HubFixture {
      $0.isDetailed = false
      $0.misbehaviour = { request, _ in
        request.method == "HEAD"
          ? .answer(200, headers: ["X-Linked-Size": size, "X-Linked-Etag": "\"\(Self.weights.digest)\""], isHead: true)
          : nil
      }
    }
    #expect(fixture.code() == "hub.no-digest")
  }

  /// Where the library is missing, the remedy says so, and nothing is tried again.
  @Test func whatLastsIsNotTransient() throws {
    struct Broken: HubTransport {
      func send(_ request: HubRequest, receive: (HubEvent) throws -> Bool) throws {
        throw HubConnectionError("libcurl cannot be loaded: gone", isTransient: false, remedy: "Install libcurl.")
      }
    }
    let client = try HubClient(HubSettings(folder: "/none"), transport: Broken())
    let error = #expect(throws: RetortError.self) { try client.snapshot(of: HubRepository("owner/tiny")) }
    #expect(error?.isTransient == false && error?.remedy == "Install libcurl.")
  }
}
