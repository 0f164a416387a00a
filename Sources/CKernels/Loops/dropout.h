/// Multiplies rows of n elements, `stride` apart, by their masks; `row` is the first one's number in the whole batch. Element
/// c takes word c / q of block c mod q, where q = ⌈n / 4⌉: each word's plane is a run of elements. Short rows share the lanes
/// of one draw. `salt` (block number's high half) tells the heads of attention apart.
LOOP void dropout_rows(REAL *x, size_t stride, const retort_dropout *mask, uint32_t row, uint32_t salt, size_t rows,
                       size_t n) {
  if (n == 0) return;
  uint32_t words[4][PHILOX_LANES];
  uint32_t threshold = (uint32_t)(mask->rate * 4294967296.0);
  REAL kept = (REAL)(1 / (1 - mask->rate));
  size_t quarter = (n + 3) / 4, blocks = quarter < PHILOX_LANES ? quarter : PHILOX_LANES;
  size_t together = PHILOX_LANES / blocks;
  for (size_t top = 0; top < rows; top += together)
    for (size_t first = 0; first < quarter; first += blocks) {
      philox_rows(mask, (uint32_t)first, (uint32_t)blocks, row + (uint32_t)top, salt, words);
      size_t width = quarter - first < blocks ? quarter - first : blocks;
      for (size_t r = 0; r < together && top + r < rows; r++)
        for (size_t w = 0; w < 4; w++) {
          size_t start = w * quarter + first;
          if (start >= n) break;
          size_t count = n - start < width ? n - start : width;
          REAL *run = x + (top + r) * stride + start;
          for (size_t i = 0; i < count; i++) run[i] *= words[w][r * blocks + i] >= threshold ? kept : 0;
        }
    }
}

static void dropout(void *x, const retort_dropout *mask, size_t rows, size_t columns) {
  dropout_rows(x, columns, mask, mask->first_row, 0, rows, columns);
}
