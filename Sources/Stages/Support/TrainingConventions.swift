import Training

// How shared parts of recipes compute, in the sentences of `plan --verbose`.

extension TrainingOptions {
  /// Of the optimiser, the schedule and the sums.
  var conventions: [String] {
    let decay = optimiser.decaysAll ? "on all parameters" : "none on biases and layer norms"
    var lines = ["optimiser: AdamW, decoupled weight decay, \(decay) (Loshchilov and Hutter 2019)"]
    let warmup = schedule.warmup > 0 ? "up from 0 over \(percent(schedule.warmup)) of the steps, then " : ""
    lines.append("learning rate: \(warmup)\(schedule.shape == .linear ? "linearly down to 0" : "constant")")
    let clipped = maximumGradientNorm.map { "scaled down to norm \($0) where it is longer; " } ?? ""
    lines.append(
      "gradient: \(clipped)summed over \(shards) \(shards == 1 ? "shard" : "shards") of a batch in a fixed order")
    for group in groups {
      lines.append(
        group.rateFactor == 0
          ? "frozen: \(group.prefix)" : "learning rate of \(group.prefix): × \(group.rateFactor)")
    }
    return lines
  }
}

/// The sentence on which epoch a stage keeps.
func keptEpochConvention(by metric: TaskMetric) -> String {
  "kept: the epoch with the best \(metric.words) on dev, the first of equals (the last without dev)"
}

extension SoftTerm {
  /// Of the comparison of softened outputs.
  var convention: String {
    let scale = scaling == .squared ? ", × T² (Hinton et al. 2015)" : ", not multiplied by T²"
    return
      "soft targets: \(divergence.convention) at T = \(temperature), \(reduction.rawValue)\(scale), weight \(weight)"
  }
}

extension TokenMasking {
  /// Of what is hidden, and as what.
  var convention: String {
    let kept = 1 - maskedShare - randomShare
    let weights = rarity == 0 ? "drawn evenly" : "drawn with weight count^−\(rarity) (Sanh et al. 2019)"
    return "masking: \(percent(share)) of the tokens of a text, of these \(percent(maskedShare)) as [MASK], "
      + "\(percent(randomShare)) as a random token, \(percent(kept)) as they are (Devlin et al. 2019); "
      + "\(weights), anew each epoch"
  }
}

/// A share of one in percent: `15 %`.
func percent(_ share: Double) -> String {
  let value = (share * 1e4).rounded() / 100
  return (Int(exactly: value).map(String.init) ?? "\(value)") + " %"
}
