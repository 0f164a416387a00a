static void add_block(const void *x_, size_t x_stride, void *y_, size_t y_stride, int accumulate, size_t rows,
                      size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const REAL *x = (const REAL *)x_ + r * x_stride;
    REAL *y = (REAL *)y_ + r * y_stride;
    if (accumulate)
      add(x, 1, y, columns);
    else
      memcpy(y, x, columns * sizeof(REAL));
  }
}

static void absolute_difference(const void *a_, const void *b_, void *y_, size_t n) {
  const REAL *a = a_, *b = b_;
  REAL *y = y_;
  for (size_t i = 0; i < n; i += LANES)
    store_tail(y + i, abs_vec(load_tail(a + i, n - i) - load_tail(b + i, n - i)), n - i);
}

static void absolute_difference_backward(const void *dy_, const void *a_, const void *b_, void *g_, size_t n) {
  const REAL *dy = dy_, *a = a_, *b = b_;
  REAL *g = g_;
  for (size_t i = 0; i < n; i += LANES) {
    vec d = load_tail(dy + i, n - i), x = load_tail(a + i, n - i), y = load_tail(b + i, n - i);
    store_tail(g + i, select_vec((veci)(x > y), d, select_vec((veci)(x < y), -d, splat(0))), n - i);
  }
}
