import Declaring

/// Pipelines of stages that do next to nothing: what they cost is the engine's own work.
package enum TrivialPipeline {
  package enum Shape: String, CaseIterable, Sendable {
    /// Each stage takes the two before it.
    case chain
    /// All stages take the first two.
    case fan
    /// Layers of a hundred; each stage takes two of the layer below.
    case layers
  }

  package static func declared(stages count: Int, shape: Shape) -> Pipeline {
    Pipeline.declared {
      var made: [Ref<TrivialValue>] = []
      made.reserveCapacity(count)
      for index in 0..<count {
        let (left, right) = inputs(of: index, shape)
        made.append(
          stage(
            "stage-\(index)",
            TrivialStage(left: left.map { made[$0] }, right: right.map { made[$0] }, number: index)))
      }
      let roots = shape == .chain ? Array(made.suffix(1)) : made
      return PipelineBuilder.buildFinalResult(PipelineBuilder.buildExpression(roots))
    }
  }

  private static func inputs(of index: Int, _ shape: Shape) -> (Int?, Int?) {
    switch shape {
    case .chain: (index > 0 ? index - 1 : nil, index > 1 ? index - 2 : nil)
    case .fan: (index > 1 ? 0 : nil, index > 1 ? 1 : nil)
    case .layers:
      index < width
        ? (nil, nil)
        : ((index / width - 1) * width + index % width, (index / width - 1) * width + (index * 7 + 1) % width)
    }
  }

  private static let width = 100
}

/// Twelve options and two inputs, like a small training stage; returns a number.
package struct TrivialStage: Stage {
  package static let id = "bench.trivial"
  package static let version = 1

  var left: Ref<TrivialValue>?
  var right: Ref<TrivialValue>?
  var number: Int
  var epochs = 3
  var batch = 32
  var rate = 2e-5
  var decay = 0.01
  var warmup = 0.1
  var temperature = 4.0
  var alpha = 0.7
  var name = "trivial"
  var isShuffled = true
  var layers = [1, 3, 5]
  var note: String?

  init(left: Ref<TrivialValue>?, right: Ref<TrivialValue>?, number: Int) {
    self.left = left
    self.right = right
    self.number = number
  }

  package func run(_ context: StageContext) async throws -> TrivialValue {
    var sum = number
    for input in [left, right].compactMap({ $0 }) { sum = (sum &+ (try context.load(input).number)) % 1_000_003 }
    return TrivialValue(number: sum)
  }
}

package struct TrivialValue: ValueArtifact {
  package static let kind = "bench.number"
  package var number: Int
}
