/// Multiplies a row of n elements by its mask. Element c takes word c / q of block c mod q, where q = ⌈n / 4⌉: each word's
/// plane is a run of elements. `salt` (block number's high half) tells the heads of attention apart.
LOOP void dropout_row(REAL *x, const retort_dropout *mask, uint32_t row, uint32_t salt, size_t n) {
  uint32_t words[4][PHILOX_LANES];
  uint32_t threshold = (uint32_t)(mask->rate * 4294967296.0);
  REAL kept = (REAL)(1 / (1 - mask->rate));
  size_t quarter = (n + 3) / 4;
  for (size_t first = 0; first < quarter; first += PHILOX_LANES) {
    philox_lanes(mask, (uint32_t)first, row, salt, words);
    size_t blocks = quarter - first < PHILOX_LANES ? quarter - first : PHILOX_LANES;
    for (size_t w = 0; w < 4; w++) {
      size_t start = w * quarter + first;
      if (start >= n) break;
      size_t count = n - start < blocks ? n - start : blocks;
      REAL *run = x + start;
      for (size_t i = 0; i < count; i++) run[i] *= words[w][i] >= threshold ? kept : 0;
    }
  }
}

/// The same of several rows, `stride` elements apart: short ones share the lanes of one call.
LOOP void dropout_rows(REAL *x, size_t stride, const retort_dropout *mask, uint32_t row, uint32_t salt, size_t rows,
                       size_t n) {
  size_t quarter = (n + 3) / 4;
  if (quarter > PHILOX_LANES / 2) {
    for (size_t r = 0; r < rows; r++) dropout_row(x + r * stride, mask, row + (uint32_t)r, salt, n);
    return;
  }
  uint32_t words[4][PHILOX_LANES];
  uint32_t threshold = (uint32_t)(mask->rate * 4294967296.0);
  REAL kept = (REAL)(1 / (1 - mask->rate));
  size_t together = quarter ? PHILOX_LANES / quarter : rows;
  for (size_t first = 0; first < rows; first += together) {
    philox_rows(mask, (uint32_t)quarter, row + (uint32_t)first, salt, words);
    for (size_t r = 0; r < together && first + r < rows; r++)
      for (size_t w = 0; w < 4; w++) {
        REAL *run = x + (first + r) * stride + w * quarter;
        size_t left = n - w * quarter, count = w * quarter >= n ? 0 : left < quarter ? left : quarter;
        for (size_t i = 0; i < count; i++) run[i] *= words[w][r * quarter + i] >= threshold ? kept : 0;
      }
  }
}

static void dropout(void *x_, const retort_dropout *mask, size_t rows, size_t columns) {
  REAL *x = x_;
  for (size_t r = 0; r < rows; r++) dropout_row(x + r * columns, mask, mask->first_row + (uint32_t)r, 0, columns);
}
