static void bias_activation(void *y_, const void *bias_, void *derivative_, int activation, size_t rows,
                            size_t columns) {
  REAL *derivative = derivative_;
  const REAL *bias = bias_;
  for (size_t r = 0; r < rows; r++) {
    REAL *y = (REAL *)y_ + r * columns;
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      vec v = load_tail(y + j, n);
      if (bias) v += load_tail(bias + j, n);
      if (activation == RETORT_GELU) {
        vec distribution, density;
        normal_vec(v, &distribution, &density);
        if (derivative) store_tail(derivative + r * columns + j, distribution + v * density, n);
        v *= distribution;
      } else if (activation == RETORT_TANH) {
        v = tanh_vec(v);
      } else if (activation == RETORT_RELU) {
        v = max_vec(v, splat(0));
      }
      store_tail(y + j, v, n);
    }
  }
}

static void activation_backward(const void *dy_, const void *state_, void *g_, int activation, size_t n) {
  const REAL *dy = dy_, *state = state_;
  REAL *g = g_;
  for (size_t i = 0; i < n; i += LANES) {
    vec d = load_tail(dy + i, n - i), s = load_tail(state + i, n - i);
    if (activation == RETORT_GELU)
      d *= s;
    else if (activation == RETORT_TANH)
      d *= 1 - s * s;
    else if (activation == RETORT_RELU)
      d = select_vec((veci)(s > 0), d, splat(0));
    store_tail(g + i, d, n - i);
  }
}
