import Declaring
import Training

/// The training after a cut, which lets what stays make up for what went.
public struct Recovery: Sendable, Hashable, Codable {
  public var objective: OutputObjective
  public var training: TrainingOptions

  public init(_ objective: OutputObjective, training: TrainingOptions) {
    (self.objective, self.training) = (objective, training)
  }

  /// Learns from the teacher's softened outputs beside the labels (Hinton et al. 2015).
  ///
  /// - Parameters:
  ///   - temperature: softens both sides; 1 … 20 is usual.
  ///   - alpha: the share of the teacher; the labels have the rest.
  ///   - learningRate: models of some 128 wide bear three times the default.
  ///   - shards: into how many pieces a batch is cut, each on a thread of its own (see `TrainingOptions.shards`).
  public static func distillation(
    temperature: Double = 4, alpha: Double = 0.7, epochs: Int = 3, batch: Int = 32, learningRate: Double = 1e-4,
    warmup: Double = 0.1, weightDecay: Double = 0.01, shards: Int = 2
  ) -> Recovery {
    Recovery(
      .hinton(temperature: temperature, alpha: alpha),
      training: TrainingOptions(
        epochs: epochs, batch: batch, learningRate: learningRate, warmup: warmup, weightDecay: weightDecay,
        shards: shards))
  }

  /// Learns from the labels alone.
  public static func labels(
    epochs: Int = 3, batch: Int = 32, learningRate: Double = 1e-4, warmup: Double = 0.1, weightDecay: Double = 0.01,
    shards: Int = 2
  ) -> Recovery {
    var recovery = distillation(
      epochs: epochs, batch: batch, learningRate: learningRate, warmup: warmup, weightDecay: weightDecay,
      shards: shards)
    recovery.objective = .classification
    return recovery
  }

  /// Notes what is wrong with the options.
  func check(_ forecast: inout Forecast) {
    for (field, message) in DistillationPhase("recovery", objective: objective, training: training).faults {
      forecast.fault("recovery.\(field)", message, remedy: "Change this option.")
    }
  }
}
