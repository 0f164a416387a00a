import Declaring
import Models
import Training

extension Prune {
  public func forecast(_ forecast: inout Forecast) -> Facts {
    let (model, train, dev) = (forecast[model], forecast[train], forecast[dev])
    forecast.check(trainable: model, field: "model")
    forecast.check(length: length, positions: model.positions)
    if let family = model.plainFamily {
      forecast.require(
        family.hasPlainBlocks, "model", "Heads and neurons of \(family.title) cannot be cut out.",
        remedy: "Distil it into a BERT, and prune that.")
    }
    let faults =
      switch selection {
      case .scores(let options): options.faults(heads: model.heads, neurons: model.intermediate)
      case .masks(let masks): masks.faults(layers: model.layers, heads: model.heads, neurons: model.intermediate)
      }
    for (field, message, remedy) in faults { forecast.fault(field, message, remedy: remedy) }
    if case .scores(let options) = selection, !options.targets.isEmpty,
      options.targets.allSatisfy({ $0.amount == .removing(0) })
    {
      forecast.warn("targets", "Nothing is removed.", remedy: "Give a share above 0.")
    }
    if let examples {
      forecast.require(
        examples > 0, "examples", "Scores are to be taken from \(examples) examples.", remedy: "Give 1 or more.")
    }
    forecast.check(model, train, field: "train", "The model and the data differ")
    if Kind.form.hasLabels { forecast.check(labels: train.labels, field: "train") }
    if !Kind.form.hasLabels, case .scores(let options) = selection {
      forecast.require(
        options.loss != .logits, "loss", "One output has no softmax whose cross-entropy could score units.",
        remedy: "Score with .labels.")
    }
    forecast.check(train, dev, field: "dev", "The training and the dev part differ")
    recovery?.check(&forecast)
    if let teacher {
      let facts = forecast[teacher]
      forecast.check(trainable: facts, field: "teacher")
      forecast.check(facts, train, field: "teacher", "The teacher and the data differ")
      forecast.check(length: length, positions: facts.positions)
      if recovery.map({ !$0.objective.needsTeacher }) ?? true {
        forecast.warn(
          "teacher", "The teacher is not asked: nothing learns from it.", remedy: "Recover by .distillation().")
      }
    }
    return known(model, train)
  }

  /// What is known of the result: all of its shape where blocks lose equally much.
  private func known(_ model: Facts, _ train: Facts) -> Facts {
    var facts = model
    facts.labels = Kind.form.hasLabels ? model.labels ?? train.labels : nil
    facts.precision = "f32"
    (facts.heads, facts.intermediate, facts.parameters, facts.family) = (nil, nil, nil, nil)
    guard case .scores(let options) = selection else { return facts }
    func isUnchanged(_ unit: PrunableUnit) -> Bool { !options.targets.contains { $0.unit == unit } }
    if isUnchanged(.heads) { facts.heads = model.heads }
    if isUnchanged(.neurons) { facts.intermediate = model.intermediate }
    guard options.distribution == .even, let heads = model.heads, let neurons = model.intermediate,
      options.faults(heads: heads, neurons: neurons).isEmpty
    else { return facts }
    let shape = options.shape(after: .init(headCount: heads, intermediateSize: neurons))
    facts.heads = shape.headCount
    facts.intermediate = shape.intermediateSize
    if shape.headCount == heads {
      facts.family = model.family
    } else {
      facts.family = Facts.pruned(model.family)
      facts.headSize = model.headSize
    }
    if let parameters = model.parameters, let layers = model.layers, let hidden = model.hidden,
      let width = model.headSize
    {
      // A head: rows of query, key and value with their biases, columns of the output. A neuron: a row, a bias, a column.
      let perHead = width * (3 * (hidden + 1) + hidden)
      let perNeuron = 2 * hidden + 1
      facts.parameters =
        parameters - layers * ((heads - shape.headCount) * perHead + (neurons - shape.intermediateSize) * perNeuron)
    }
    return facts
  }
}
