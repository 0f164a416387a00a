import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A temperature for each example, by how hard it is (TextBrewer, Yang et al. 2020). It takes no gradient.
public enum TemperatureDynamics: Sendable, Hashable, Codable {
  case fixed
  /// T + (mean w − w) · beta with w = (1 − cos(student, teacher))^gamma (TextBrewer's `flsw`, without its 10⁻⁴).
  case byAgreement(beta: Double = 1, gamma: Double = 1)
  /// The same with w = 1 / (the student's largest probability + 10⁻³) (TextBrewer's `cwsm`).
  case byConfidence(beta: Double = 1)

  /// Never below 0.01, since a large beta could drive it to 0 and further.
  static let least = 1e-2

  /// - Parameters: student, teacher: logits [examples, classes]; base: T.
  func temperatures(student: [Float], teacher: [Float], classes: Int, base: Double) -> [Double] {
    let rows = stride(from: 0, to: student.count, by: max(1, classes)).map { $0..<$0 + classes }
    let (weights, beta): ([Double], Double) =
      switch self {
      case .fixed: (rows.map { _ in 0 }, 0)
      case .byAgreement(let beta, let gamma):
        (rows.map { pow(1 - Self.cosine(student[$0], teacher[$0]), gamma) }, beta)
      case .byConfidence(let beta): (rows.map { 1 / (Self.largestProbability(student[$0]) + 1e-3) }, beta)
      }
    let mean = weights.reduce(0, +) / Double(max(1, weights.count))
    return weights.map { max(Self.least, base + (mean - $0) * beta) }
  }

  static func cosine(_ x: ArraySlice<Float>, _ y: ArraySlice<Float>) -> Double {
    func length(_ values: ArraySlice<Float>) -> Double {
      max(1e-12, values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot())
    }
    return zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) } / (length(x) * length(y))
  }

  static func largestProbability(_ logits: ArraySlice<Float>) -> Double {
    let top = Double(logits.max() ?? 0)
    return 1 / logits.reduce(0) { $0 + exp(Double($1) - top) }
  }
}
