/// Transposes, in registers for float, and what pads rows to whole vectors.
LOOP size_t padded(size_t n) { return (n + LANES - 1) / LANES * LANES; }

#if IS_FLOAT
#define LOW_LANE(s, l) (((l) & (s)) == 0 ? (l) : LANES + (l) - (s))
#define HIGH_LANE(s, l) (((l) & (s)) == 0 ? (l) + (s) : LANES + (l))
#define ALL_LANES(f, s)                                                                                         \
  f(s, 0), f(s, 1), f(s, 2), f(s, 3), f(s, 4), f(s, 5), f(s, 6), f(s, 7), f(s, 8), f(s, 9), f(s, 10), f(s, 11), \
      f(s, 12), f(s, 13), f(s, 14), f(s, 15)
/// Swaps the off-diagonal quarters of blocks of 2s × 2s.
#define SWAP_BLOCKS(s)                                                     \
  for (int i = 0; i < LANES; i++)                                          \
    if (!(i & (s))) {                                                      \
      vec a = v[i], b = v[i + (s)];                                        \
      v[i] = __builtin_shufflevector(a, b, ALL_LANES(LOW_LANE, s));        \
      v[i + (s)] = __builtin_shufflevector(a, b, ALL_LANES(HIGH_LANE, s)); \
    }

/// y(c, r) = x(r, c) for up to LANES rows and columns of x; missing rows are 0, missing columns are not written. Rows of x
/// and y are their strides apart.
LOOP void transpose_block(const REAL *x, size_t x_stride, size_t rows, size_t columns, REAL *y, size_t y_stride) {
  vec v[LANES];
#pragma clang loop unroll(full)
  for (size_t i = 0; i < LANES; i++) v[i] = i < rows ? load_tail(x + i * x_stride, columns) : (vec){0};
#pragma clang loop unroll(full)
  SWAP_BLOCKS(8)
#pragma clang loop unroll(full)
  SWAP_BLOCKS(4)
#pragma clang loop unroll(full)
  SWAP_BLOCKS(2)
#pragma clang loop unroll(full)
  SWAP_BLOCKS(1)
#pragma clang loop unroll(full)
  for (size_t i = 0; i < LANES; i++)
    if (i < columns) store(y + i * y_stride, v[i]);
}
#endif

/// The transpose of [rows, columns] with a row stride, in rows of `width` ≥ rows, the rest 0.
LOOP void pack_transposed(const REAL *x, size_t stride, REAL *y, size_t rows, size_t columns, size_t width) {
#if IS_FLOAT
  for (size_t r = 0; r < width; r += LANES)
    for (size_t c = 0; c < columns; c += LANES)
      transpose_block(x + r * stride + c, stride, r < rows ? rows - r : 0, columns - c, y + c * width + r, width);
#else
  for (size_t c = 0; c < columns; c++) {
    for (size_t r = 0; r < rows; r++) y[c * width + r] = x[r * stride + c];
    for (size_t r = rows; r < width; r++) y[c * width + r] = 0;
  }
#endif
}
