/// x · ½ (1 + tanh(√(2/π) (x + 0.044715 x³))): GELU's older form (Hendrycks and Gimpel 2016, §2), and its derivative.
LOOP vec gelu_tanh(vec v, vec *slope) {
  const REAL scale = 0.79788456080286535588, cubic = 0.044715;
  vec square = v * v;
  vec t = tanh_vec(scale * v * (1 + cubic * square));
  if (slope) *slope = (REAL)0.5 * (1 + t + v * (1 - t * t) * scale * (1 + 3 * cubic * square));
  return (REAL)0.5 * v * (1 + t);
}

/// Whether the derivative is kept beside the values: it does not follow from them.
LOOP int keeps_slope(const int activation) { return activation == RETORT_GELU || activation == RETORT_GELU_TANH; }

/// What a vector becomes; `activation` is a constant, `slope` receives GELU's derivative where it is not null.
LOOP vec activated(const int activation, vec v, vec *slope) {
  if (activation == RETORT_GELU) {
    vec distribution = distribution_vec(v);
    if (slope) *slope = distribution + v * density_vec(v);
    return v * distribution;
  }
  if (activation == RETORT_GELU_TANH) return gelu_tanh(v, slope);
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
      if (keeps_slope(activation) && slopes) store_tail(slopes + r * y_stride + j, slope, n);
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
  } else if (activation == RETORT_GELU_TANH) {
    if (slopes)
      activate(RETORT_GELU_TANH, y, y_stride, bias, slopes, rows, columns);
    else
      activate(RETORT_GELU_TANH, y, y_stride, bias, 0, rows, columns);
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
    if (keeps_slope(activation))
      d *= s;
    else if (activation == RETORT_TANH)
      d *= 1 - s * s;
    else if (activation == RETORT_RELU)
      d = select_vec((veci)(s > 0), d, splat(0));
    store_tail(g + i, d, n - i);
  }
}
