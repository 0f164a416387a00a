import CKernels

extension Graph {
  /// One direction of an LSTM layer inside each packed sequence (Hochreiter and Schmidhuber 1997, with the forget gate of
  /// Gers et al. 2000): i, f, o = σ(·) and g = tanh(·) of W_ih x + b_ih + W_hh h + b_hh; c ← f·c + i·g; h ← o·tanh(c).
  ///
  /// State and cell start at 0. The inputs' product is one over all tokens, each step's product one over all sequences
  /// that are still live.
  ///
  /// - Parameters:
  ///   - x: [tokens, inputs].
  ///   - offsets: sequence s has the rows `offsets[s] ..< offsets[s + 1]`; it may be empty.
  ///   - direction: `backwards` starts at each sequence's last token.
  /// - Throws: `TensorError.shape` for weights, or offsets, that do not fit x.
  public func lstm(
    _ x: Tensor<Element>, weights: LSTMWeights<Element>, offsets: [Int32], direction: TimeDirection = .forwards
  ) throws(TensorError) -> LSTMResult<Element> {
    try weights.check(inputs: x.columns)
    let lengths = try Self.lengths(offsets: offsets, rows: x.rows, "lstm")
    let (size, gates) = (weights.size, 4 * weights.size)
    let needs = needsGradient(x) || weights.all.contains { needsGradient($0) }
    let result = LSTMResult(
      states: make(x.rows, size, needsGradient: needs), finalStates: make(lengths.count, size, needsGradient: needs))
    let plan = TimePlan(lengths: lengths, offsets: offsets, backwards: direction == .backwards, arena: arena)

    // Only the way back reads gates and cells again.
    let recorded = needs && isRecording
    let kept = x.rows * (gates + size)
    let room = scratch(plan.count * (gates + size) + (recorded ? 0 : kept))
    let (recurrent, current) = (room, room + plan.count * gates)
    var pass = retort_lstm()
    let memory = recorded ? arena.allocate(Element.self, kept) : current + plan.count * size
    pass.size = size
    pass.input_bias = UnsafeRawPointer(weights.inputBias.pointer)
    pass.state_bias = UnsafeRawPointer(weights.stateBias.pointer)
    pass.starts = UnsafePointer(plan.starts)
    pass.sequences = UnsafePointer(plan.sequences)
    pass.direction = Int32(plan.direction)
    pass.gates = UnsafeMutableRawPointer(memory)
    pass.cells = UnsafeMutableRawPointer(memory + x.rows * gates)
    pass.states = UnsafeMutableRawPointer(result.states.pointer)

    multiply(
      LinearShape(rows: x.rows, inputs: x.columns, outputs: gates), x.pointer, by: weights.input.pointer, into: memory)
    var live = plan.count
    for step in 0..<plan.stepCount {
      live = plan.live(at: step, below: live)
      if step > 0 {
        multiply(
          LinearShape(rows: live, inputs: size, outputs: gates), current, by: weights.state.pointer, into: recurrent)
      }
      kernels.pointee.lstm_step(&pass, step, live, step > 0 ? recurrent : nil, current)
    }
    takeFinalStates(result, plan)

    guard recorded else { return result }
    let finished = pass
    record([result.states, result.finalStates]) { graph in
      graph.lstmBackward(x, weights: weights, result: result, plan: plan, pass: finished, gates: memory)
    }
    return result
  }

  private func takeFinalStates(_ result: LSTMResult<Element>, _ plan: TimePlan) {
    let size = result.states.columns
    if plan.count < result.finalStates.rows {
      kernels.pointee.fill(result.finalStates.pointer, 0, result.finalStates.count)
    }
    for place in 0..<plan.count {
      (result.finalStates.pointer + Int(plan.sequences[place]) * size)
        .update(from: result.states.pointer + plan.lastRow(place) * size, count: size)
    }
  }

  /// Back through time: `gates` turns step by step into the gradients before the gates' nonlinearities, from which each
  /// weight's gradient is one product over all tokens.
  private func lstmBackward(
    _ x: Tensor<Element>, weights: LSTMWeights<Element>, result: LSTMResult<Element>, plan: TimePlan,
    pass: retort_lstm, gates: UnsafeMutablePointer<Element>
  ) {
    let (size, wide) = (weights.size, 4 * weights.size)
    let (dstates, dfinal) = (incoming(result.states), incoming(result.finalStates))
    let room = scratch(max(plan.count * (wide + 2 * size), x.rows * size))
    let (dgates, dcurrent) = (room, room + plan.count * wide)
    let dcells = dcurrent + plan.count * size
    var pass = pass
    var live = 0
    for step in (0..<plan.stepCount).reversed() {
      let continuing = live
      live = plan.live(at: step, above: continuing)
      kernels.pointee.lstm_step_backward(&pass, step, live, continuing, dstates, dfinal, dcurrent, dcells, dgates)
      guard step > 0 else { continue }
      addInputGradient(
        LinearShape(rows: live, inputs: size, outputs: wide), dgates, by: weights.state.pointer, to: (dcurrent, false))
    }
    let input = LinearShape(rows: x.rows, inputs: x.columns, outputs: wide)
    if let dx = outgoing(x) { addInputGradient(input, gates, by: weights.input.pointer, to: dx) }
    if let dw = outgoing(weights.input) { addWeightGradient(input, gates, by: x.pointer, to: dw) }
    if let dw = outgoing(weights.state) {
      copyPreviousStates(result.states, plan, to: room)
      addWeightGradient(LinearShape(rows: x.rows, inputs: size, outputs: wide), gates, by: room, to: dw)
    }
    for bias in [weights.inputBias, weights.stateBias] {
      guard let db = outgoingZeroed(bias) else { continue }
      kernels.pointee.add_column_sums(gates, db, x.rows, wide)
    }
  }

  /// The state that each token's step began with: the neighbour's, and 0 at each sequence's first step.
  private func copyPreviousStates(
    _ states: Tensor<Element>, _ plan: TimePlan, to previous: UnsafeMutablePointer<Element>
  ) {
    guard states.rows > 0 else { return }
    let size = states.columns
    let (from, to) = plan.direction > 0 ? (0, size) : (size, 0)
    (previous + to).update(from: states.pointer + from, count: (states.rows - 1) * size)
    for place in 0..<plan.count { kernels.pointee.fill(previous + Int(plan.starts[place]) * size, 0, size) }
  }
}
