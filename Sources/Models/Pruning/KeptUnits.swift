/// What structured pruning takes out of a block: attention heads, and intermediate neurons of the feed-forward part.
public enum PrunableUnit: String, Sendable, Hashable, Codable, CaseIterable {
  case heads, neurons
}

extension BertConfiguration.BlockShape {
  public func count(of unit: PrunableUnit) -> Int { unit == .heads ? headCount : intermediateSize }
}

/// Which heads and neurons of a BERT stay: their numbers in each block, from 0, ascending.
public struct KeptUnits: Sendable, Hashable, Codable {
  public struct Block: Sendable, Hashable, Codable {
    public var heads: [Int]
    public var neurons: [Int]

    public init(heads: [Int], neurons: [Int]) { (self.heads, self.neurons) = (heads, neurons) }

    public subscript(unit: PrunableUnit) -> [Int] {
      get { unit == .heads ? heads : neurons }
      set { if unit == .heads { heads = newValue } else { neurons = newValue } }
    }
  }

  public var blocks: [Block]

  public init(_ blocks: [Block]) { self.blocks = blocks }

  /// Everything that a model has.
  public init(all configuration: BertConfiguration) {
    blocks = (0..<configuration.layerCount).map { index in
      let shape = configuration.blockShape(index)
      return Block(heads: Array(0..<shape.headCount), neurons: Array(0..<shape.intermediateSize))
    }
  }

  /// The kept numbers of one kind, a list a block.
  public subscript(unit: PrunableUnit) -> [[Int]] {
    get { blocks.map { $0[unit] } }
    set {
      for (index, kept) in newValue.enumerated() where blocks.indices.contains(index) { blocks[index][unit] = kept }
    }
  }

  /// Units of one kind in all blocks together.
  public func count(of unit: PrunableUnit) -> Int { blocks.reduce(0) { $0 + $1[unit].count } }

  /// Why a model of this configuration cannot be cut so, one sentence a fault.
  public func faults(for configuration: BertConfiguration) -> [String] {
    guard blocks.count == configuration.layerCount else {
      return ["\(blocks.count) blocks are described; the model has \(configuration.layerCount)"]
    }
    var faults: [String] = []
    for (index, block) in blocks.enumerated() {
      for unit in PrunableUnit.allCases {
        let (kept, count) = (block[unit], configuration.blockShape(index).count(of: unit))
        if kept.isEmpty {
          faults.append("block \(index) keeps no \(unit.rawValue)")
        } else if !zip(kept, kept.dropFirst()).allSatisfy({ $0 < $1 }) {
          faults.append("the \(unit.rawValue) of block \(index) do not ascend")
        } else if let first = kept.first, let last = kept.last, first < 0 || last >= count {
          faults.append(
            "block \(index) has \(count) \(unit.rawValue), from 0; \(first < 0 ? first : last) is none of them")
        }
      }
    }
    return faults
  }
}
