/// Sums run in double over 8 lanes, whatever the element, so that large buffers keep their precision and every
/// instruction set adds in the same order.
typedef double wide __attribute__((vector_size(64)));
#define WIDE 8

LOOP wide widen(const REAL *p, size_t n) {
  wide w = {0};
  for (size_t i = 0; i < WIDE; i++) w[i] = i < n ? (double)p[i] : 0;
  return w;
}
LOOP wide widen_full(const REAL *p) {
  typedef REAL part __attribute__((vector_size(WIDE * sizeof(REAL)), aligned(sizeof(REAL))));
  return __builtin_convertvector(*(const part *)p, wide);
}
LOOP double sum_wide(wide w) {
  return ((w[0] + w[4]) + (w[2] + w[6])) + ((w[1] + w[5]) + (w[3] + w[7]));
}

static double sum(const void *x_, size_t n) {
  const REAL *x = x_;
  wide total = {0};
  size_t i = 0;
  for (; i + WIDE <= n; i += WIDE) total += widen_full(x + i);
  if (i < n) total += widen(x + i, n - i);
  return sum_wide(total);
}

static double dot(const void *x_, const void *y_, size_t n) {
  const REAL *x = x_, *y = y_;
  wide total = {0};
  size_t i = 0;
  for (; i + WIDE <= n; i += WIDE) total += widen_full(x + i) * widen_full(y + i);
  if (i < n) total += widen(x + i, n - i) * widen(y + i, n - i);
  return sum_wide(total);
}

static double squared_norm(const void *x, size_t n) { return dot(x, x, n); }

static size_t count_non_finite(const void *x_, size_t n) {
  const REAL *x = x_;
  size_t count = 0;
  // x − x is 0 for finite x and NaN for the others.
  for (size_t i = 0; i < n; i++) count += !(x[i] - x[i] == 0);
  return count;
}

static void add_column_sums(const void *x_, void *sums_, size_t rows, size_t columns) {
  const REAL *x = x_;
  REAL *sums = sums_;
  for (size_t j = 0; j < columns; j += LANES) {
    size_t n = columns - j;
    vec total = {0};
    for (size_t r = 0; r < rows; r++) total += load_tail(x + r * columns + j, n);
    store_tail(sums + j, load_tail(sums + j, n) + total, n);
  }
}
