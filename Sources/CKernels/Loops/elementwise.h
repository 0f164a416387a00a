static void fill(void *x_, double value, size_t n) {
  REAL *x = x_, v = (REAL)value;
  if (value == 0) {
    memset(x, 0, n * sizeof(REAL));
    return;
  }
  for (size_t i = 0; i < n; i++) x[i] = v;
}

static void add(const void *x_, double factor, void *y_, size_t n) {
  const REAL *x = x_;
  REAL *y = y_, f = (REAL)factor;
  for (size_t i = 0; i < n; i += LANES)
    store_tail(y + i, load_tail(y + i, n - i) + f * load_tail(x + i, n - i), n - i);
}

static void multiply(const void *x_, void *y_, size_t n) {
  const REAL *x = x_;
  REAL *y = y_;
  for (size_t i = 0; i < n; i += LANES) store_tail(y + i, load_tail(y + i, n - i) * load_tail(x + i, n - i), n - i);
}

static void scale(void *x_, double factor, size_t n) {
  REAL *x = x_, f = (REAL)factor;
  for (size_t i = 0; i < n; i += LANES) store_tail(x + i, f * load_tail(x + i, n - i), n - i);
}
