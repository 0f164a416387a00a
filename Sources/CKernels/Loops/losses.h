/// Losses on rows. Values add up in double; log-sum-exp subtracts the row's maximum.

/// log Σ exp(x / T) over a row.
LOOP REAL log_sum_exp(const REAL *x, REAL inverse_t, size_t columns) {
  vec top = splat(x[0]);
  for (size_t j = 0; j < columns; j += LANES) {
    vec v = load_tail(x + j, columns - j);
    if (columns - j < LANES) v = keep_lanes(v, columns - j, x[0]);
    top = max_vec(top, v);
  }
  REAL most = max_lanes(top);
  vec total = {0};
  for (size_t j = 0; j < columns; j += LANES) {
    vec v = exp_vec((load_tail(x + j, columns - j) - most) * inverse_t);
    if (columns - j < LANES) v = keep_lanes(v, columns - j, 0);
    total += v;
  }
  return most * inverse_t + (REAL)log((double)sum_lanes(total));
}

LOOP void put(REAL *g, vec v, size_t n, int accumulate) {
  if (accumulate) v += load_tail(g, n);
  store_tail(g, v, n);
}

LOOP void put_nothing(REAL *g, size_t columns, int accumulate) {
  if (g && !accumulate) memset(g, 0, columns * sizeof(REAL));
}

static double cross_entropy(const void *logits_, const int32_t *labels, int32_t ignored, const void *weights_,
                            double scale, void *gradient_, int accumulate, size_t rows, size_t columns) {
  const REAL *weights = weights_;
  double total = 0;
  for (size_t r = 0; r < rows; r++) {
    const REAL *x = (const REAL *)logits_ + r * columns;
    REAL *g = gradient_ ? (REAL *)gradient_ + r * columns : 0;
    double weight = weights ? (double)weights[r] : 1;
    if (labels[r] == ignored || weight == 0) {
      put_nothing(g, columns, accumulate);
      continue;
    }
    REAL log_sum = log_sum_exp(x, 1, columns);
    total += weight * ((double)log_sum - (double)x[labels[r]]);
    if (!g) continue;
    REAL factor = (REAL)(scale * weight);
    for (size_t j = 0; j < columns; j += LANES)
      put(g + j, factor * exp_vec(load_tail(x + j, columns - j) - log_sum), columns - j, accumulate);
    g[labels[r]] -= factor;
  }
  return total;
}

static double divergence(const void *logits_, const void *target_, int kind, double temperature, const void *weights_,
                         double scale, void *gradient_, int accumulate, size_t rows, size_t columns) {
  const REAL *weights = weights_;
  REAL inverse = (REAL)(1 / temperature);
  double total = 0;
  for (size_t r = 0; r < rows; r++) {
    const REAL *x = (const REAL *)logits_ + r * columns, *t = (const REAL *)target_ + r * columns;
    REAL *g = gradient_ ? (REAL *)gradient_ + r * columns : 0;
    double weight = weights ? (double)weights[r] : 1;
    if (weight == 0) {
      put_nothing(g, columns, accumulate);
      continue;
    }
    REAL sum_x = log_sum_exp(x, inverse, columns), sum_t = log_sum_exp(t, inverse, columns);
    vec value = {0};
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      vec log_s = load_tail(x + j, n) * inverse - sum_x, log_t = load_tail(t + j, n) * inverse - sum_t;
      vec v;
      if (kind == RETORT_SOFT_CROSS_ENTROPY)
        v = -exp_vec(log_t) * log_s;
      else if (kind == RETORT_FORWARD_KL)
        v = exp_vec(log_t) * (log_t - log_s);
      else
        v = exp_vec(log_s) * (log_s - log_t);
      value += n < LANES ? keep_lanes(v, n, 0) : v;
    }
    REAL row = sum_lanes(value);
    total += weight * (double)row;
    if (!g) continue;
    REAL factor = (REAL)(scale * weight / temperature);
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      vec log_s = load_tail(x + j, n) * inverse - sum_x, log_t = load_tail(t + j, n) * inverse - sum_t;
      vec v = kind == RETORT_REVERSE_KL ? exp_vec(log_s) * (log_s - log_t - row) : exp_vec(log_s) - exp_vec(log_t);
      put(g + j, factor * v, n, accumulate);
    }
  }
  return total;
}

static double squared_error(const void *x_, const void *target_, const void *weights_, double scale, void *gradient_,
                            int accumulate, size_t rows, size_t columns) {
  const REAL *weights = weights_;
  double total = 0;
  for (size_t r = 0; r < rows; r++) {
    const REAL *x = (const REAL *)x_ + r * columns, *t = (const REAL *)target_ + r * columns;
    REAL *g = gradient_ ? (REAL *)gradient_ + r * columns : 0;
    double weight = weights ? (double)weights[r] : 1;
    if (weight == 0) {
      put_nothing(g, columns, accumulate);
      continue;
    }
    // Runs of 4,096 in the element's precision, their sums in double: one row may be a whole tensor of scores.
    for (size_t start = 0; start < columns; start += 4096) {
      size_t end = columns - start < 4096 ? columns : start + 4096;
      vec value = {0};
      for (size_t j = start; j < end; j += LANES) {
        vec d = load_tail(x + j, end - j) - load_tail(t + j, end - j);
        value += d * d;
        if (g) put(g + j, (REAL)(2 * scale * weight) * d, end - j, accumulate);
      }
      total += weight * (double)sum_lanes(value);
    }
  }
  return total;
}

static double cosine_distance(const void *x_, const void *target_, const void *weights_, double scale, void *gradient_,
                              int accumulate, size_t rows, size_t columns) {
  const REAL *weights = weights_;
  double total = 0;
  for (size_t r = 0; r < rows; r++) {
    const REAL *x = (const REAL *)x_ + r * columns, *t = (const REAL *)target_ + r * columns;
    REAL *g = gradient_ ? (REAL *)gradient_ + r * columns : 0;
    double weight = weights ? (double)weights[r] : 1;
    if (weight == 0) {
      put_nothing(g, columns, accumulate);
      continue;
    }
    double norm_x = fmax(sqrt(dot(x, x, columns)), 1e-12), norm_t = fmax(sqrt(dot(t, t, columns)), 1e-12);
    double cosine = dot(x, t, columns) / (norm_x * norm_t);
    total += weight * (1 - cosine);
    if (!g) continue;
    REAL along = (REAL)(scale * weight * cosine / (norm_x * norm_x)), toward = (REAL)(-scale * weight / (norm_x * norm_t));
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      put(g + j, along * load_tail(x + j, n) + toward * load_tail(t + j, n), n, accumulate);
    }
  }
  return total;
}
