import Artifacts
import Foundation
import HubServer
import Testing

@testable import Models

/// A hub that breaks off, redirects, lies and refuses.
struct HubTroubleTests {
  typealias Request = LoopbackServer.Request
  typealias Step = LoopbackServer.Step
  static let weights = HubFixture.weights

  /// A fixture whose storage answers the first requests for the weights like this.
  func fixture(_ answers: [(@Sendable (Request) -> [Step])?]) throws -> HubFixture {
    try HubFixture {
      $0.misbehaviour = { request, count in
        request.isObject && count < answers.count ? answers[count].map { $0(request) } : nil
      }
    }
  }

  /// The same for all of them.
  func fixture(always answer: @escaping @Sendable (Request) -> [Step]) throws -> HubFixture {
    try HubFixture { $0.misbehaviour = { request, _ in request.isObject ? answer(request) : nil } }
  }

  func expectWhole(_ fixture: HubFixture) throws {
    #expect(try fixture.bytes("model.safetensors") == Self.weights.bytes)
    #expect(try fixture.names() == [HubManifest.name] + HubFixture.needed)
  }

  /// A head that announces all, with a part of the body.
  @Sendable static func cut(_ count: Int) -> [Step] {
    [
      .text("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n"), .bytes(Array(weights.bytes[..<count])),
    ]
  }

  // MARK: Connections that break

  @Test func aBrokenConnectionGoesOnWhereItBroke() throws {
    let fixture = try fixture([{ _ in Self.cut(100_000) }, { _ in [] }])
    try fixture.pull()
    try expectWhole(fixture)
    #expect(fixture.storageRequests.map(\.firstByte) == [nil, 100_000, 100_000])
  }

  @Test func aPullThatWasStoppedGoesOnLater() throws {
    struct Stop: Error {}
    let fixture = try HubFixture()
    #expect(throws: Stop.self) {
      try fixture.pull(progress: { if $0.done > 100_000 { throw Stop() } })
    }
    let partial = try #require(try fixture.names().first(where: HubClient.isPartial))
    let done = try fixture.bytes(partial).count
    #expect(done > 0 && done < 300_000)
    #expect(try !fixture.names().contains("model.safetensors"))
    try fixture.pull()
    try expectWhole(fixture)
    #expect(fixture.storageRequests.last?.firstByte == done)
  }

  @Test func damageInWhatWasKeptHeals() throws {
    struct Stop: Error {}
    let fixture = try HubFixture()
    #expect(throws: Stop.self) { try fixture.pull(progress: { if $0.done > 100_000 { throw Stop() } }) }
    let partial = fixture.target.appending(try #require(try fixture.names().first(where: HubClient.isPartial)))
    try Files.replace(partial, with: [UInt8](repeating: 0, count: 5000))
    try fixture.pull()
    try expectWhole(fixture)
    // Longer than the file can be: begun anew at once.
    try Files.remove(fixture.target.appending("model.safetensors"))
    try Files.replace(partial, with: [UInt8](repeating: 0, count: 300_001))
    try fixture.pull()
    try expectWhole(fixture)
    #expect(fixture.storageRequests.last?.firstByte == nil)
  }

  @Test func aServerThatNeverSendsAllIsGivenUp() throws {
    let fixture = try fixture { request in
      request.firstByte == nil
        ? Self.cut(1000)
        : [.text("HTTP/1.1 206 P\r\nContent-Range: bytes 1000-299999/300000\r\nContent-Length: 299000\r\n\r\n")]
    }
    #expect(fixture.code() == "hub.unreachable")
    #expect(fixture.storageRequests.count == 4)
    #expect(try !fixture.names().contains("model.safetensors"))
  }

  @Test func aServerThatFallsSilentIsAskedAgain() throws {
    let fixture = try fixture([{ _ in Self.cut(1000) + [.wait(seconds: 3)] }])
    // A busy machine may seem silent, too: only the end counts.
    try fixture.pull(by: fixture.client(attempts: 100, patience: 1))
    try expectWhole(fixture)
    #expect(fixture.storageRequests.count >= 2)
  }

  @Test func nobodyThere() throws {
    let fixture = try HubFixture()
    let port = try LoopbackServer { _ in [] }.port
    let client = try fixture.client(attempts: 2, endpoint: "http://127.0.0.1:\(port)")
    #expect(fixture.code(client) == "hub.unreachable")
  }

  // MARK: Ranges

  @Test func aServerMayIgnoreTheRange() throws {
    let fixture = try fixture([{ _ in Self.cut(1000) }, { _ in .answer(200, Self.weights.bytes) }])
    try fixture.pull()
    try expectWhole(fixture)
  }

  @Test(arguments: [
    "bytes 999-299999/300000", "bytes 1000-299999/300001", "bytes 1001-299999/300000", "lines 1-2/3", "",
    "bytes 99999999999999999999-1/2",
  ])
  func aWrongRangeIsNotBelieved(range: String) throws {
    let fixture = try fixture([
      { _ in Self.cut(1000) },
      { _ in .answer(206, headers: ["Content-Range": range], Array(Self.weights.bytes[1000...])) },
    ])
    try fixture.pull()
    try expectWhole(fixture)
    #expect(fixture.storageRequests.map(\.firstByte) == [nil, 1000, nil])
  }

  @Test func aRefusedRangeBeginsAnew() throws {
    let fixture = try fixture([{ _ in Self.cut(1000) }, { _ in .answer(416) }])
    try fixture.pull()
    try expectWhole(fixture)
  }

  @Test func chunksHaveNoLength() throws {
    let fixture = try fixture([
      { _ in
        [.text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
          + stride(from: 0, to: 300_000, by: 30_000).flatMap { start -> [Step] in
            [.text("7530\r\n"), .bytes(Array(Self.weights.bytes[start..<start + 30_000])), .text("\r\n")]
          } + [.text("0\r\n\r\n")]
      }
    ])
    try fixture.pull()
    try expectWhole(fixture)
    #expect(fixture.storageRequests.count == 1)
  }

  // MARK: Lies

  @Test(arguments: [1, 299_999, 300_001, 3_000_000])
  func aFalseLengthIsRefused(announced: Int) throws {
    let fixture = try fixture { _ in
      .answer(200, headers: ["Content-Length": "\(announced)"], Self.weights.bytes)
    }
    #expect(fixture.code() == "hub.length")
    #expect(fixture.storageRequests.count == 4)
    #expect(try !fixture.names().contains("model.safetensors"))
  }

  @Test func moreThanTheFileIsRefused() throws {
    let fixture = try fixture { _ in
      [.text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
        + Array(
          repeating: [.text("10000\r\n"), .bytes([UInt8](repeating: 7, count: 65_536)), .text("\r\n")], count: 100
        )
        .joined() + [.text("0\r\n\r\n")]
    }
    #expect(fixture.code() == "hub.length")
    #expect(try fixture.names().filter { !HubClient.isPartial($0) }.contains("model.safetensors") == false)
  }

  @Test func otherBytesAreDiscarded() throws {
    let fixture = try fixture { _ in .answer(200, [UInt8](repeating: 0, count: 300_000)) }
    #expect(fixture.code() == "hub.digest")
    #expect(try fixture.names() == [HubManifest.name, "added_tokens.json", "config.json"])
    // So are those of a small file, which git names.
    fixture.hub.change { content in
      content.misbehaviour = { request, _ in
        request.path.hasSuffix("vocab.txt") ? .answer(200, Array("[PAD]\n[UNX]\n".utf8)) : nil
      }
    }
    #expect(fixture.code() == "hub.digest")
    #expect(try !fixture.names().contains("vocab.txt"))
  }

  @Test func anotherCommitsFileIsRefused() throws {
    let fixture = try HubFixture {
      $0.misbehaviour = { request, _ in
        request.path.hasSuffix("config.json")
          ? .answer(200, headers: ["X-Repo-Commit": String(repeating: "9", count: 40)], HubFixture.configuration.bytes)
          : nil
      }
    }
    #expect(fixture.code() == "hub.answer")
  }

  @Test(arguments: [
    "no JSON", "[]", "{}", "{\"sha\": \"main\", \"siblings\": []}", "{\"sha\": 1}",
    "{\"sha\": \"a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\"}",
    "{\"sha\": \"a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1\", \"siblings\": [{\"name\": 1}]}",
  ])
  func whatIsNoHubIsNotBelieved(answer: String) throws {
    let fixture = try HubFixture {
      $0.misbehaviour = { request, _ in request.path.hasPrefix("/api/") ? .answer(200, Array(answer.utf8)) : nil }
    }
    #expect(fixture.code() == "hub.answer")
  }

  @Test func anEndlessListIsCutOff() throws {
    let fixture = try HubFixture {
      $0.misbehaviour = { request, _ in
        guard request.path.hasPrefix("/api/") else { return nil }
        let mega = [UInt8](repeating: 0x20, count: 1 << 20)
        return [.text("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")] + Array(repeating: .bytes(mega), count: 40)
      }
    }
    #expect(fixture.code() == "hub.answer")
  }

  // MARK: Refusals

  @Test(arguments: [
    (401, "", nil, "hub.no-repository"), (401, "", "secret", "hub.unauthorised"),
    (401, "RepoNotFound", "secret", "hub.no-repository"), (401, "GatedRepo", nil, "hub.gated"),
    (403, "GatedRepo", "secret", "hub.gated"), (403, "", nil, "hub.gated"),
    (404, "RepoNotFound", nil, "hub.no-repository"), (404, "RevisionNotFound", nil, "hub.no-revision"),
    (404, "", nil, "hub.no-repository"), (400, "", nil, "hub.refused"), (304, "", nil, "hub.refused"),
  ])
  func refusalsSaySo(status: Int, header: String, token: String?, code: String) throws {
    let fixture = try HubFixture {
      $0.misbehaviour = { request, _ in
        request.path.hasPrefix("/api/")
          ? .answer(status, headers: header.isEmpty ? [:] : ["X-Error-Code": header], Array("no".utf8)) : nil
      }
    }
    let client = try fixture.client(token: token)
    let error = #expect(throws: RetortError.self) { try fixture.pull(by: client) }
    #expect(error?.code.rawValue == code)
    #expect(error?.remedy.isEmpty == false)
    if code == "hub.gated" || code == "hub.unauthorised" { #expect(error?.remedy.contains("HF_TOKEN") == true) }
    #expect(fixture.hub.hub.requests.count == 1)
    #expect(!"\(error as Any)".contains("secret"))
  }

  @Test func anotherNameOrRevisionIsNotFound() throws {
    let fixture = try HubFixture()
    #expect(fixture.code(revision: "v2") == "hub.no-revision")
    #expect(fixture.code(revision: "a/../b") == "hub.revision")
    fixture.hub.change { $0.repository = "owner/other" }
    #expect(fixture.code() == "hub.no-repository")
    let missing = try HubFixture {
      $0.misbehaviour = { request, _ in request.path.hasSuffix("vocab.txt") ? .answer(404) : nil }
    }
    #expect(missing.code() == "hub.no-file")
  }

  // MARK: Patience

  @Test func aServerInTroubleIsAskedAgain() throws {
    let fixture = try fixture([{ _ in .answer(500) }, { _ in .answer(503) }])
    try fixture.pull()
    try expectWhole(fixture)
    // Half a second, then a whole one.
    #expect(abs(fixture.slept - 1.5) < 1e-9)
  }

  @Test func aBusyHubIsWaitedForAsLongAsItAsks() throws {
    let fixture = try HubFixture {
      $0.misbehaviour = { request, count in
        request.path.hasPrefix("/api/") && count == 0 ? .answer(429, headers: ["Retry-After": "7"]) : nil
      }
    }
    try fixture.pull()
    #expect(abs(fixture.slept - 7) < 1e-9)
  }

  @Test func patienceEnds() throws {
    let fixture = try HubFixture {
      $0.misbehaviour = { request, _ in request.path.hasPrefix("/api/") ? .answer(502) : nil }
    }
    #expect(fixture.code() == "hub.busy")
    #expect(fixture.hub.hub.requests.count == 4)
    let hours = try HubFixture {
      $0.misbehaviour = { request, _ in .answer(429, headers: ["Retry-After": "7200"]) }
    }
    #expect(hours.code() == "hub.busy")
    #expect(hours.slept == 0 && hours.hub.hub.requests.count == 1)
  }

  // MARK: Redirects

  @Test func redirectsOfARenamedModelAreFollowedWithTheToken() throws {
    let fixture = try HubFixture {
      $0.misbehaviour = { request, _ in
        guard request.target.contains("/tiny/"),
          request.target.contains("/revision/") || request.target.contains("/resolve/"),
          !request.target.contains("renamed")
        else { return nil }
        return .answer(307, headers: ["Location": request.target.replacing("/tiny/", with: "/tiny-renamed/")])
      }
      $0.repository = "owner/tiny-renamed"
    }
    try fixture.pull(by: fixture.client(token: "secret"))
    try expectWhole(fixture)
    #expect(fixture.hub.hub.requests.allSatisfy { $0.headers["authorization"] == "Bearer secret" })
  }

  @Test func loopsEnd() throws {
    let fixture = try HubFixture {
      $0.misbehaviour = { request, _ in .answer(302, headers: ["Location": request.target]) }
    }
    #expect(fixture.code() == "hub.redirects")
    #expect(fixture.hub.hub.requests.count == 11)
    fixture.hub.change { $0.misbehaviour = { _, _ in .answer(302, headers: ["Location": "ftp://elsewhere/file"]) } }
    #expect(fixture.code() == "hub.redirects")
  }

  @Test func tokensAreNotSentInTheOpen() throws {
    let transport = ScriptedTransport { request in
      request.url.host == "hub.example"
        ? HubResponse(status: 302, headers: ["Location": "http://cdn.example/x"])
        : HubResponse(status: 404, headers: [:])
    }
    func client(_ endpoint: String) throws -> HubClient {
      try HubClient(HubSettings(endpoint: endpoint, token: "secret", folder: "/none"), transport: transport)
    }
    let repository = try HubRepository("owner/tiny")
    // From TLS to none: refused before anything is sent there.
    let error = #expect(throws: RetortError.self) { try client("https://hub.example").snapshot(of: repository) }
    #expect(error?.code == "hub.downgrade")
    #expect(transport.requests.map(\.url.host) == ["hub.example"])
    #expect(transport.requests[0].headers["Authorization"] == "Bearer secret")
    // A hub without TLS gets no token.
    #expect(throws: RetortError.self) { try client("http://hub.example").snapshot(of: repository) }
    #expect(transport.requests.dropFirst().allSatisfy { $0.headers["Authorization"] == nil })
  }

  // MARK: Disks

  @Test func aFullDiskSaysSo() throws {
    let fixture = try HubFixture()
    // The manifest and two small files are written before.
    let code = InjectedFault.$current.withValue(InjectedFault(.write, at: 6, isLasting: true, .error(.noSpace))) {
      fixture.code()
    }
    #expect(code == "disk.full")
    try fixture.pull()
    try expectWhole(fixture)
  }
}
