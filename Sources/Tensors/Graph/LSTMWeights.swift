/// The parameters of one direction of one LSTM layer, in PyTorch's order of gates: input, forget, candidate, output.
public struct LSTMWeights<Element: TensorElement> {
  /// `weight_ih`: [4 · hidden, inputs].
  public let input: Tensor<Element>
  /// `weight_hh`: [4 · hidden, hidden].
  public let state: Tensor<Element>
  /// `bias_ih`: [4 · hidden].
  public let inputBias: Tensor<Element>
  /// `bias_hh`: [4 · hidden].
  public let stateBias: Tensor<Element>

  public init(input: Tensor<Element>, state: Tensor<Element>, inputBias: Tensor<Element>, stateBias: Tensor<Element>) {
    (self.input, self.state, self.inputBias, self.stateBias) = (input, state, inputBias, stateBias)
  }

  /// Width of the state.
  var size: Int { state.columns }
  var all: [Tensor<Element>] { [input, state, inputBias, stateBias] }

  func check(inputs: Int) throws(TensorError) {
    let gates = 4 * size
    guard size > 0, inputs > 0, state.rows == gates, input.rows == gates, input.columns == inputs,
      inputBias.count == gates, stateBias.count == gates
    else {
      let weights = "[\(input.rows), \(input.columns)] and [\(state.rows), \(state.columns)]"
      let biases = "[\(inputBias.count)] and [\(stateBias.count)]"
      throw .shape(
        operation: "lstm", detail: "weights \(weights) with biases \(biases) do not fit inputs of width \(inputs)")
    }
  }
}

/// What an LSTM gives for packed sequences.
public struct LSTMResult<Element: TensorElement> {
  /// The hidden state after each token: [tokens, hidden].
  public let states: Tensor<Element>
  /// The hidden state after each sequence's own last step, which backwards in time is its first token; 0 for an empty
  /// sequence: [sequences, hidden].
  public let finalStates: Tensor<Element>
}

/// The way that a recurrence goes through its sequences.
public enum TimeDirection: String, Sendable, CaseIterable {
  case forwards, backwards
}
