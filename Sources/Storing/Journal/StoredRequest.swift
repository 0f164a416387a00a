import Artifacts
import FoundationEssentials

/// What was asked for when a run began, as it is stored: JSON with sorted keys.
///
/// A run with nothing to do encodes and reads one request. Foundation's coders take longer for their first value than the run
/// takes for a hundred stages, so plain requests are written and searched here.
struct StoredRequest: Sendable, Hashable {
  let pipeline: String
  let json: [UInt8]

  init(_ request: RunRequest) throws {
    pipeline = request.pipeline
    json = try Self.plain(request) ?? Array(try JSONEncoder.records.encode(request))
  }

  /// - Throws: where the bytes are no request.
  init(json: [UInt8]) throws {
    self.json = json
    pipeline = try Self.pipeline(in: json) ?? Self.decoded(json).pipeline
  }

  static func decoded(_ json: [UInt8]) throws -> RunRequest {
    try JSONDecoder().decode(RunRequest.self, from: Data(json))
  }

  // MARK: Writing

  /// The bytes that Foundation's encoder gives; nil for texts that need escapes, and for times that are no numbers.
  private static func plain(_ request: RunRequest) -> [UInt8]? {
    let profile = request.profile
    let texts =
      request.arguments + request.options.flatMap { [$0.key, $0.value] }
      + [request.pipeline, profile.kernels, profile.blas, profile.build]
    guard request.startedAt.isFinite, texts.allSatisfy({ $0.utf8.allSatisfy(isPlain) }) else { return nil }
    var started = request.startedAt.description
    if started.hasSuffix(".0") { started.removeLast(2) }
    let arguments = request.arguments.map { "\"\($0)\"" }.joined(separator: ",")
    let options = request.options.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
      .joined(separator: ",")
    let text = """
      {"arguments":[\(arguments)],"options":{\(options)},"pipeline":"\(request.pipeline)","profile":\
      {"blas":"\(profile.blas)","build":"\(profile.build)","kernels":"\(profile.kernels)"},"startedAt":\(started)}
      """
    return Array(text.utf8)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  // MARK: Reading

  /// The text that stands for `pipeline` at the top; nil where there is none without escapes.
  private static func pipeline(in json: [UInt8]) -> String? {
    let name = Array("\"pipeline\":\"".utf8)
    var (depth, index, isText) = (0, 0, false)
    while index < json.count {
      switch json[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "\"") where !isText && depth == 1 && json[index...].starts(with: name):
        let start = index + name.count
        guard let end = json[start...].firstIndex(where: { !isPlain($0) }), json[end] == UInt8(ascii: "\"") else {
          return nil
        }
        return String(validating: json[start..<end], as: UTF8.self)
      case UInt8(ascii: "\""): isText.toggle()
      case UInt8(ascii: "{") where !isText, UInt8(ascii: "[") where !isText: depth += 1
      case UInt8(ascii: "}") where !isText, UInt8(ascii: "]") where !isText: depth -= 1
      default: break
      }
      index += 1
    }
    return nil
  }
}
