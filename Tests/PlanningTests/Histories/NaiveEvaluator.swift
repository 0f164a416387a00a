/// Evaluates a sketch by recursion, with a set of texts for a cache: what an engine without any design would do.
///
/// It knows nothing of keys, digests or plans. A stage runs if no stage with the same words and the same input values ran
/// before.
final class NaiveEvaluator {
  private var done: Set<String> = []
  private var values: [Int: [Int]] = [:]
  private(set) var ran: Set<String> = []
  private(set) var reached: Set<String> = []

  /// Forgets the values of the last sketch, not what was ever done.
  func evaluate(_ sketch: Sketch) {
    (values, ran, reached, wordsOfNode) = ([:], [], [], [:])
    for root in sketch.roots { _ = value(of: root, in: sketch) }
  }

  /// One number, or quotient and remainder.
  private func value(of node: Int, in sketch: Sketch) -> [Int] {
    if let known = values[node] { return known }
    let result: [Int]
    switch sketch.nodes[node] {
    case .constant(let value):
      result = [value]
      note(node, "constant \(value)", sketch)
    case .sum(let terms):
      let numbers = terms.map { value(of: $0, in: sketch)[0] }
      result = [numbers.reduce(0, +)]
      note(node, "sum \(numbers)", sketch)
    case .scale(let input, let factor, let modulus):
      let number = value(of: input, in: sketch)[0]
      result = [number * factor % modulus]
      note(node, "scale \(number) \(factor) \(modulus)", sketch)
    case .divide(let input, let divisor):
      let number = value(of: input, in: sketch)[0]
      result = [number / divisor, number % divisor]
      note(node, "divide \(number) \(divisor)", sketch)
    case .quotient(let input): result = [value(of: input, in: sketch)[0]]
    case .remainder(let input): result = [value(of: input, in: sketch)[1]]
    case .file(let file):
      let text = sketch.files[file]
      result = [ReadNumber.number(in: text)]
      note(node, "file “\(text)”", sketch)
    }
    values[node] = result
    return result
  }

  private func note(_ node: Int, _ words: String, _ sketch: Sketch) {
    reached.insert(sketch.label(of: node))
    // Two stages with the same words in one run: the first in order computes, the other finds it cached. Which is which
    // is settled by the caller through `words`.
    if !done.contains(words) { ran.insert(words) }
    wordsOfNode[sketch.label(of: node)] = words
  }

  private(set) var wordsOfNode: [String: String] = [:]

  /// Ends a run: what it did counts from now on.
  func finish() { done.formUnion(ran) }
}
