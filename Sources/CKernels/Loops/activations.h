/// What a vector becomes; `activation` is a constant, `slope` receives GELU's derivative where it is not null.
LOOP vec activated(const int activation, vec v, vec *slope) {
  if (activation == RETORT_GELU) {
    vec distribution = distribution_vec(v);
    if (slope) *slope = distribution + v * density_vec(v);
    return v * distribution;
  }
  if (activation == RETORT_TANH) return tanh_vec(v);
  if (activation == RETORT_RELU) return max_vec(v, splat(0));
  return v;
}

/// One activation on a piece of a matrix; vectors do not wait for one another.
LOOP void activate(const int activation, REAL *y, size_t y_stride, const REAL *bias, REAL *slopes, size_t rows,
                   size_t columns) {
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      REAL *place = y + r * y_stride + j;
      vec v = load_tail(place, n), slope;
      if (bias) v += load_tail(bias + j, n);
      store_tail(place, activated(activation, v, slopes ? &slope : 0), n);
      if (activation == RETORT_GELU && slopes) store_tail(slopes + r * y_stride + j, slope, n);
    }
}

/// y = activation(y + bias) on a piece of a matrix with rows `y_stride` apart, like those of `slopes`; bias and slopes may
/// be null. It stands once in the code for all tiles.
static __attribute__((noinline)) void finish_tile(int activation, REAL *y, size_t y_stride, const REAL *bias,
                                                  REAL *slopes, size_t rows, size_t columns) {
  if (activation == RETORT_GELU) {
    if (slopes)
      activate(RETORT_GELU, y, y_stride, bias, slopes, rows, columns);
    else
      activate(RETORT_GELU, y, y_stride, bias, 0, rows, columns);
  } else if (activation == RETORT_TANH) {
    activate(RETORT_TANH, y, y_stride, bias, 0, rows, columns);
  } else if (activation == RETORT_RELU) {
    activate(RETORT_RELU, y, y_stride, bias, 0, rows, columns);
  } else if (bias) {
    activate(RETORT_IDENTITY, y, y_stride, bias, 0, rows, columns);
  }
}

static void bias_activation(void *y, const void *bias, void *derivative, int activation, size_t rows, size_t columns) {
  finish_tile(activation, y, columns, bias, derivative, rows, columns);
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
