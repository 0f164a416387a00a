import Artifacts
import Declaring
import RetortTesting

/// A pipeline as data: what tests edit at random, declare, and evaluate without any engine.
struct Sketch {
  enum Node {
    case constant(Int)
    case sum([Int])
    case scale(Int, factor: Int, modulus: Int)
    case divide(Int, by: Int)
    /// A part of the bundle that node gives.
    case quotient(Int)
    case remainder(Int)
    /// The number in one of the user's files.
    case file(Int)
  }

  var nodes: [Node]
  var roots: [Int]
  /// New labels of nodes; the others are named for their position.
  var renamed: [Int: String] = [:]
  /// What is written in the user's files; files are first nodes of the sketch.
  var files: [String] = []
  /// Where they lie.
  var folder = FilePath()

  init(count: Int, files: [String] = [], in folder: FilePath = FilePath(), using random: inout Seeded) {
    (nodes, roots, self.files, self.folder) = (files.indices.map(Node.file), [], files, folder)
    while nodes.count < count { nodes.append(node(at: nodes.count, using: &random)) }
    while roots.count < 3 { pickRoot(using: &random) }
  }

  /// The nodes that give one number.
  private func numbers(before position: Int) -> [Int] {
    (0..<position).filter { if case .divide = nodes[$0] { false } else { true } }
  }

  private func bundles(before position: Int) -> [Int] {
    (0..<position).filter { if case .divide = nodes[$0] { true } else { false } }
  }

  private mutating func pickRoot(using random: inout Seeded) {
    guard let root = nodes.indices.randomElement(using: &random) else { return }
    roots.append(root)
  }

  func node(at position: Int, using random: inout Seeded) -> Node {
    let numbers = numbers(before: position)
    guard let one = numbers.randomElement(using: &random) else {
      return .constant(Int.random(in: 0..<6, using: &random))
    }
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1: return .constant(Int.random(in: 0..<6, using: &random))
    case 2, 3:
      return .sum((0..<Int.random(in: 1...3, using: &random)).compactMap { _ in numbers.randomElement(using: &random) })
    case 4, 5:
      return .scale(
        one, factor: Int.random(in: 1...3, using: &random), modulus: Int.random(in: 2...5, using: &random))
    case 6, 7: return .divide(one, by: Int.random(in: 1...4, using: &random))
    default:
      guard let bundle = bundles(before: position).randomElement(using: &random) else { return .sum([one, one]) }
      return Bool.random(using: &random) ? .quotient(bundle) : .remainder(bundle)
    }
  }

  /// Changes one node to another that gives the same kind of output, or the roots.
  mutating func edit(using random: inout Seeded) {
    let position = Int.random(in: 0..<nodes.count, using: &random)
    switch nodes[position] {
    case .divide(let number, _): nodes[position] = .divide(number, by: Int.random(in: 1...4, using: &random))
    case .file: return
    case _ where Int.random(in: 0..<8, using: &random) == 0:
      roots.removeFirst()
      pickRoot(using: &random)
    default:
      for _ in 0..<20 {
        let new = node(at: position, using: &random)
        if case .divide = new { continue }
        nodes[position] = new
        return
      }
    }
  }

  func label(of node: Int) -> String { renamed[node] ?? "n\(node)" }

  // MARK: Declaring

  /// Declares the sketch. The parts of bundles are no stages but projections.
  func declared() -> Pipeline {
    pipeline {
      let refs = declareAll()
      for root in roots {
        switch refs[root] {
        case .number(let ref): ref
        case .halves(let ref): ref
        }
      }
    }
  }

  private enum Declared {
    case number(Ref<Number>)
    case halves(Ref<Halves>)
  }

  private func declareAll() -> [Declared] {
    var refs: [Declared] = []
    func number(_ node: Int) -> Ref<Number>? { if case .number(let ref) = refs[node] { ref } else { nil } }
    func halves(_ node: Int) -> Ref<Halves>? { if case .halves(let ref) = refs[node] { ref } else { nil } }
    for (position, node) in nodes.enumerated() {
      let label = label(of: position)
      let ref: Declared? =
        switch node {
        case .constant(let value): .number(stage(label, Constant(value)))
        case .sum(let terms): .number(stage(label, Sum(terms.compactMap(number))))
        case .scale(let node, let factor, let modulus):
          number(node).map { .number(stage(label, Scale($0, by: factor, modulo: modulus))) }
        case .divide(let node, let divisor): number(node).map { .halves(stage(label, Divide($0, by: divisor))) }
        case .quotient(let node): halves(node).map { .number($0.quotient) }
        case .remainder(let node): halves(node).map { .number($0.remainder) }
        case .file(let file): .number(stage(label, ReadNumber(SourceFile(folder.appending("file-\(file)")))))
        }
      if let ref { refs.append(ref) }
    }
    return refs
  }
}
