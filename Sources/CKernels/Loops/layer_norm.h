static void layer_norm(const void *x_, const void *residual_, const void *gamma_, const void *beta_, double epsilon,
                       void *y_, void *normalized_, void *deviation_, size_t rows, size_t columns) {
  const REAL *gamma = gamma_, *beta = beta_, *residual = residual_;
  REAL *deviation = deviation_, *normalized = normalized_;
  for (size_t r = 0; r < rows; r++) {
    const REAL *x = (const REAL *)x_ + r * columns;
    REAL *y = (REAL *)y_ + r * columns;
    vec total = {0};
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      vec v = load_tail(x + j, n);
      if (residual) v += load_tail(residual + r * columns + j, n);
      total += v;
      store_tail(y + j, v, n);
    }
    REAL mean = sum_lanes(total) / (REAL)columns;
    // Two passes over a row in the nearest cache: the squares of centred values cancel nothing.
    vec squares = {0};
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      vec v = load_tail(y + j, n) - mean;
      if (n < LANES) v = keep_lanes(v, n, 0);
      squares += v * v;
    }
    REAL inverse = (REAL)(1 / sqrt((double)(sum_lanes(squares) / (REAL)columns) + epsilon));
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      vec v = (load_tail(y + j, n) - mean) * inverse;
      if (normalized) store_tail(normalized + r * columns + j, v, n);
      store_tail(y + j, v * load_tail(gamma + j, n) + load_tail(beta + j, n), n);
    }
    if (deviation) deviation[r] = inverse;
  }
}

static void layer_norm_backward(const void *dy_, const void *normalized_, const void *deviation_, const void *gamma_,
                                void *dx_, int accumulate, void *dgamma_, void *dbeta_, size_t rows, size_t columns) {
  const REAL *gamma = gamma_, *deviation = deviation_;
  REAL *dgamma = dgamma_, *dbeta = dbeta_;
  for (size_t r = 0; r < rows; r++) {
    const REAL *dy = (const REAL *)dy_ + r * columns, *normal = (const REAL *)normalized_ + r * columns;
    REAL *dx = (REAL *)dx_ + r * columns;
    vec sum_g = {0}, sum_gn = {0};
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      vec d = load_tail(dy + j, n), x = load_tail(normal + j, n), g = d * load_tail(gamma + j, n);
      sum_g += g;
      sum_gn += g * x;
      if (dgamma) store_tail(dgamma + j, load_tail(dgamma + j, n) + d * x, n);
      if (dbeta) store_tail(dbeta + j, load_tail(dbeta + j, n) + d, n);
    }
    REAL mean_g = sum_lanes(sum_g) / (REAL)columns, mean_gn = sum_lanes(sum_gn) / (REAL)columns;
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      vec g = load_tail(dy + j, n) * load_tail(gamma + j, n);
      vec v = deviation[r] * (g - mean_g - load_tail(normal + j, n) * mean_gn);
      if (accumulate) v += load_tail(dx + j, n);
      store_tail(dx + j, v, n);
    }
  }
}
