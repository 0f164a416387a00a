import Tensors

extension Bert {
  /// Fresh values as the reference draws them: weights N(0, `initializer_range`), biases 0, layer norms 1 and 0, the
  /// padding word's embedding 0.
  ///
  /// Each parameter has a stream of its own, so the values of one do not depend on the others' shapes.
  public func initialValues<Element: TensorElement>(
    seed: UInt64, as: Element.Type = Float.self
  ) -> FlatBuffer<Element> {
    let values = FlatBuffer<Element>(count: layout.count)
    for (index, _) in layout.entries.enumerated() { initialise(index, of: values, seed: seed) }
    return values
  }

  /// Draws some parameters afresh (a new head on a pretrained encoder) and leaves the others.
  public func initialise<Element: TensorElement>(
    _ names: [String], of values: FlatBuffer<Element>, seed: UInt64
  ) {
    let wanted = Set(names)
    for (index, entry) in layout.entries.enumerated() where wanted.contains(entry.name) {
      initialise(index, of: values, seed: seed)
    }
  }

  private func initialise<Element: TensorElement>(_ index: Int, of values: FlatBuffer<Element>, seed: UInt64) {
    let entry = layout.entries[index]
    guard !entry.name.hasSuffix("bias") else {
      return values.write(repeatElement(0, count: entry.count), at: entry.offset)
    }
    guard !entry.name.hasSuffix("LayerNorm.weight") else {
      return values.write(repeatElement(1, count: entry.count), at: entry.offset)
    }
    var random = RandomStream(seed: seed, purpose: .initialisation, step: index)
    for place in entry.range { values.pointer[place] = Element(configuration.initializerRange * random.normal()) }
    let padding = configuration.paddingToken
    if entry.name == BertNames.words, (0..<configuration.vocabularySize).contains(padding) {
      let width = configuration.hiddenSize
      values.write(repeatElement(0, count: width), at: entry.offset + padding * width)
    }
  }
}
