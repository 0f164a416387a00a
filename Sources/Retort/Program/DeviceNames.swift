import Artifacts

/// The devices that a run may use, as the command line and the environment name them: `gpu=0,1`, `license`.
struct DeviceNames: Sendable, Equatable {
  /// What `--device` stands for where it was not given, with `;` or spaces between devices.
  static let variable = "RETORT_DEVICES"

  private(set) var ids: [String: [String]] = [:]

  /// - Parameter environment: where `given` is empty, its variable counts.
  /// - Throws: `usage.device`.
  init(_ given: [String], environment: [String: String] = [:]) throws {
    if !given.isEmpty {
      for text in given { try add(text, from: "--device") }
    } else if let text = environment[Self.variable] {
      for part in text.split(whereSeparator: { $0 == ";" || $0.isWhitespace }) {
        try add(String(part), from: Self.variable)
      }
    }
  }

  var counts: [String: Int] { ids.mapValues(\.count) }

  /// Adds `NAME=ID,ID`. A name alone is one device, whose id is 0.
  private mutating func add(_ text: String, from place: String) throws {
    func fault(_ message: String) -> RetortError {
      RetortError(
        "usage.device", message, remedy: "Give a name and the ids of its devices: --device gpu=0,1.",
        at: Place(field: place))
    }
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts.first.map(String.init) ?? ""
    guard let first = name.first, first.isASCII, first.isLetter,
      name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
    else { throw fault("“\(name)” is no name of a device: letters, digits, “-” and “_” make one.") }
    if let other = ids.keys.first(where: { $0 != name && Device.variable($0) == Device.variable(name) }) {
      throw fault("The names “\(other)” and “\(name)” cannot be told apart in variables.")
    }
    let new =
      parts.count < 2 ? ["0"] : parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    for id in new {
      guard !id.isEmpty, !id.contains(where: { $0.isWhitespace || $0.isNewline }), !id.utf8.contains(0) else {
        throw fault("“\(text)” has an id without a character, or with a space in it.")
      }
      guard !(ids[name] ?? []).contains(id) else { throw fault("The device “\(name)” has the id \(id) twice.") }
      ids[name, default: []].append(id)
    }
  }
}
