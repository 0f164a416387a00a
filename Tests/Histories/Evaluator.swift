/// What a world gives, computed by recursion: without an engine, a cache, keys or digests.
public struct Evaluation {
  /// The words that stand for what a stage does: alike for stages with the same operation on the same values.
  public struct Word: Hashable, Sendable {
    public var text: String
    /// The source files behind it; empty where they do not count.
    public var code: String
  }

  /// By label. A division gives quotient and remainder.
  public private(set) var values: [String: [Int]] = [:]
  public private(set) var words: [String: Word] = [:]
  /// Of the stages inside others, by their own label and that of the outer one.
  public private(set) var inner: [String: (word: Word, outer: String)] = [:]

  public init(of world: World) {
    let reached = world.reached
    var all: [[Int]] = []
    for (position, node) in world.nodes.enumerated() {
      let label = world.label(of: position)
      let inputs = node.inputs.map { input in all[input.node][max(0, input.port - 1)] }
      let number = node.file.flatMap { Int(world.files[$0].filter { !$0.isWhitespace }) }
      let seed = Int(node.seed ?? world.defaultSeed)
      var code: [Int] = []
      let value: [Int]
      let text: String
      switch node.kind {
      case .mix, .blend:
        let type = node.kind == .mix ? 0 : 1
        code = [world.code[type]]
        value = [
          Self.mixed(
            type, world.versions[type], inputs, node.factor, node.value, node.modulus, seed, number)
        ]
        text = Self.mixWords(
          type, world.versions[type], inputs, node.factor, node.value, node.modulus, seed,
          node.file.map { world.files[$0] })
      case .nest:
        code = [world.code[2], world.code[0]]
        let inner = Self.mixed(0, world.versions[0], inputs, node.factor, 1, 101, 5, nil)
        value = [(inner * 2 + node.value + world.versions[2] * 23) % node.modulus]
        // The versions that count are its own and that of what it runs.
        let versions = "v\(world.versions[2]) over v\(world.versions[0])"
        text = "nest \(versions) \(inputs) \(node.factor) \(node.value) \(node.modulus)"
        if reached.contains(position) {
          let words = Self.mixWords(0, world.versions[0], inputs, node.factor, 1, 101, 5, nil)
          self.inner[label + "/Mix"] = (
            Word(text: words, code: world.rerunsCode ? "\(world.code[0])" : ""), label
          )
        }
      case .divide:
        value = [inputs[0] / node.factor, inputs[0] % node.factor]
        text = "divide \(inputs) \(node.factor)"
      case .pack:
        value = inputs
        text = "pack \(inputs)"
      case .unpack:
        value = [inputs[0] * node.factor]
        text = "unpack \(inputs) \(node.factor)"
      }
      all.append(value)
      if reached.contains(position) {
        values[label] = value
        words[label] = Word(text: text, code: world.rerunsCode ? code.map(String.init).joined(separator: ".") : "")
      }
    }
  }

  private static func mixed(
    _ type: Int, _ version: Int, _ inputs: [Int], _ factor: Int, _ value: Int, _ modulus: Int, _ seed: Int, _ file: Int?
  ) -> Int {
    let weighted = zip(inputs, 1...).reduce(0) { $0 + $1.0 * $1.1 }
    return (value + 7 * seed + 17 * version + 19 * type + factor * (weighted + 13 * (file ?? 0))) % modulus
  }

  private static func mixWords(
    _ type: Int, _ version: Int, _ inputs: [Int], _ factor: Int, _ value: Int, _ modulus: Int, _ seed: Int,
    _ file: String?
  ) -> String {
    "mix\(type) v\(version) \(inputs) \(factor) \(value) \(modulus) \(seed) “\(file ?? "–")”"
  }
}
