/// What an LSTM (Hochreiter and Schmidhuber 1997, with a forget gate) does between its products.
///
/// Gates lie as PyTorch has them: input, forget, candidate, output, each `size` wide.

/// Row of sequence i at a step of the recurrence.
LOOP size_t lstm_row(const retort_lstm *l, size_t i, size_t step) {
  return (size_t)((ptrdiff_t)l->starts[i] + (ptrdiff_t)l->direction * (ptrdiff_t)step);
}

/// tanh that lets NaN through: a spoilt weight must not become a healthy state.
LOOP vec lstm_tanh(vec x) { return select_vec((veci)(x == x), tanh_vec(x), x); }

static void lstm_step(const retort_lstm *l, size_t step, size_t live, const void *recurrent_, void *current_) {
  const size_t size = l->size;
  const REAL *input_bias = l->input_bias, *state_bias = l->state_bias;
  REAL *all_cells = l->cells;
  for (size_t i = 0; i < live; i++) {
    size_t row = lstm_row(l, i, step);
    REAL *gates = (REAL *)l->gates + row * 4 * size, *cells = all_cells + row * size;
    REAL *states = (REAL *)l->states + row * size, *current = (REAL *)current_ + i * size;
    const REAL *recurrent = recurrent_ ? (const REAL *)recurrent_ + i * 4 * size : 0;
    const REAL *before = step ? all_cells + lstm_row(l, i, step - 1) * size : 0;
    for (size_t j = 0; j < size; j += LANES) {
      size_t n = size - j;
      vec sum[4];
      for (size_t g = 0; g < 4; g++) {
        size_t place = g * size + j;
        sum[g] = load_tail(gates + place, n) + load_tail(input_bias + place, n);
        if (recurrent) sum[g] += load_tail(recurrent + place, n);
        sum[g] += load_tail(state_bias + place, n);
      }
      vec input = sigmoid_vec(sum[0]), forget = sigmoid_vec(sum[1]);
      vec candidate = lstm_tanh(sum[2]), output = sigmoid_vec(sum[3]);
      vec cell = input * candidate;
      if (before) cell += forget * load_tail(before + j, n);
      vec state = output * lstm_tanh(cell);
      store_tail(gates + j, input, n);
      store_tail(gates + size + j, forget, n);
      store_tail(gates + 2 * size + j, candidate, n);
      store_tail(gates + 3 * size + j, output, n);
      store_tail(cells + j, cell, n);
      store_tail(states + j, state, n);
      store_tail(current + j, state, n);
    }
  }
}

static void lstm_step_backward(const retort_lstm *l, size_t step, size_t live, size_t continuing, const void *dstates_,
                               const void *dfinal_, const void *dcurrent_, void *dcells_, void *dgates_) {
  const size_t size = l->size;
  const REAL *all_cells = l->cells;
  for (size_t i = 0; i < live; i++) {
    size_t row = lstm_row(l, i, step);
    REAL *gates = (REAL *)l->gates + row * 4 * size;
    const REAL *cells = all_cells + row * size;
    const REAL *before = step ? all_cells + lstm_row(l, i, step - 1) * size : 0;
    const REAL *dstates = dstates_ ? (const REAL *)dstates_ + row * size : 0;
    const REAL *dfinal = dfinal_ ? (const REAL *)dfinal_ + (size_t)l->sequences[i] * size : 0;
    const REAL *dcurrent = (const REAL *)dcurrent_ + i * size;
    REAL *dcells = (REAL *)dcells_ + i * size, *dgates = (REAL *)dgates_ + i * 4 * size;
    for (size_t j = 0; j < size; j += LANES) {
      size_t n = size - j;
      vec dstate = {0}, dcell = {0};
      if (dstates) dstate += load_tail(dstates + j, n);
      if (i < continuing) {
        dstate += load_tail(dcurrent + j, n);
        dcell += load_tail(dcells + j, n);
      } else if (dfinal) {
        dstate += load_tail(dfinal + j, n);
      }
      vec input = load_tail(gates + j, n), forget = load_tail(gates + size + j, n);
      vec candidate = load_tail(gates + 2 * size + j, n), output = load_tail(gates + 3 * size + j, n);
      vec squashed = lstm_tanh(load_tail(cells + j, n));
      dcell += dstate * output * (1 - squashed * squashed);
      vec d[4];
      d[0] = dcell * candidate * input * (1 - input);
      d[1] = before ? dcell * load_tail(before + j, n) * forget * (1 - forget) : splat(0);
      d[2] = dcell * input * (1 - candidate * candidate);
      d[3] = dstate * squashed * output * (1 - output);
      store_tail(dcells + j, dcell * forget, n);
      for (size_t g = 0; g < 4; g++) {
        store_tail(gates + g * size + j, d[g], n);
        store_tail(dgates + g * size + j, d[g], n);
      }
    }
  }
}
