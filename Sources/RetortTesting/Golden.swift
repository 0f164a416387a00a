import FoundationEssentials

/// Expected values that a script under `Tests/Goldens` has dumped: NAME.json lists the tensors of NAME.bin.
public struct Golden: Sendable {
  private struct Index: Decodable, Sendable {
    struct Place: Decodable, Sendable {
      var type: String
      var shape: [Int]
      var offset: Int
    }
    var tensors: [String: Place]
  }

  /// What a golden file lacks.
  public struct Missing: Error, CustomStringConvertible {
    public var description: String
  }

  private let index: Index
  private let bytes: Data

  /// - Parameters:
  ///   - name: the file's name without its ending, in `Tests/Goldens/data`.
  ///   - source: the calling test, which lies somewhere below `Tests`.
  public init(_ name: String, from source: String = #filePath) throws {
    var folder = URL(fileURLWithPath: source).deletingLastPathComponent()
    while !FileManager.default.fileExists(atPath: folder.appendingPathComponent("Goldens/data").path) {
      guard folder.pathComponents.count > 1 else { throw Missing(description: "no Goldens/data above \(source)") }
      folder.deleteLastPathComponent()
    }
    let file = folder.appendingPathComponent("Goldens/data/\(name)")
    index = try JSONDecoder().decode(Index.self, from: Data(contentsOf: file.appendingPathExtension("json")))
    bytes = try Data(contentsOf: file.appendingPathExtension("bin"))
  }

  public var names: [String] { index.tensors.keys.sorted() }

  public func shape(_ name: String) throws -> [Int] { try place(name).shape }

  /// The elements of a float tensor, row by row.
  public func floats(_ name: String) throws -> [Float] { try read(name).map { Float(bitPattern: $0) } }

  /// The elements of an integer tensor, row by row.
  public func integers(_ name: String) throws -> [Int32] { try read(name).map { Int32(bitPattern: $0) } }

  private func place(_ name: String) throws -> Index.Place {
    guard let place = index.tensors[name] else { throw Missing(description: "no golden tensor \(name)") }
    return place
  }

  private func read(_ name: String) throws -> [UInt32] {
    let place = try place(name)
    return (0..<place.shape.reduce(1, *)).map { element in
      (0..<4).reduce(0) { $0 | UInt32(bytes[place.offset + 4 * element + $1]) << (8 * $1) }
    }
  }
}

/// max |a − b| / max(1, max |b|): the measure of the tolerances of goldens, where `b` is the expected tensor.
///
/// It is infinite for unlike counts and wherever a value is not finite.
public func relativeDifference<Actual: BinaryFloatingPoint, Expected: BinaryFloatingPoint>(
  _ actual: [Actual], _ expected: [Expected]
) -> Double {
  guard actual.count == expected.count else { return .infinity }
  var (worst, largest) = (0.0, 1.0)
  for (a, b) in zip(actual, expected) {
    let difference = abs(Double(a) - Double(b))
    guard difference.isFinite else { return .infinity }
    worst = max(worst, difference)
    largest = max(largest, abs(Double(b)))
  }
  return worst / largest
}
