/// Linear layers on weights that were packed once, into panels of their outputs: what inference runs.

/// Rows whose inputs stay in the second-level cache while all panels pass.
#define BLOCK_BYTES ((size_t)384 << 10)

static size_t packed_count(size_t outputs, size_t inputs) { return padded(outputs) * inputs; }

static void pack_weight(const void *w_, void *packed_, size_t outputs, size_t inputs) {
  for (size_t first = 0; first < outputs; first += LANES)
    pack_transposed((const REAL *)w_ + first * inputs, inputs, (REAL *)packed_ + first * inputs,
                    outputs - first < LANES ? outputs - first : LANES, inputs, LANES);
}

static void packed_linear(const void *x_, size_t stride, const void *packed_, const void *bias_, int activation,
                          void *y_, size_t y_stride, size_t rows, size_t inputs, size_t outputs) {
  const REAL *packed = packed_, *bias = bias_;
  size_t block = BLOCK_BYTES / (inputs * sizeof(REAL)) / TILE_ROWS * TILE_ROWS;
  if (block == 0) block = TILE_ROWS;
  for (size_t start = 0; start < rows; start += block) {
    size_t end = rows - start < block ? rows : start + block;
    // Tiles of nearly equal heights: a last one of a single row would waste the registers.
    size_t count = (end - start + TILE_ROWS - 1) / TILE_ROWS;
    for (size_t first = 0; first < outputs; first += TILE_COLUMNS) {
      size_t columns = outputs - first < TILE_COLUMNS ? outputs - first : TILE_COLUMNS;
      for (size_t tile = 0; tile < count; tile++) {
        size_t from = start + (end - start) * tile / count, to = start + (end - start) * (tile + 1) / count;
        REAL *y = (REAL *)y_ + from * y_stride + first;
        product_rows(to - from, (const REAL *)x_ + from * stride, stride, 1, packed + first * inputs, inputs, y, y_stride,
                     columns, 0);
        // The tile is still in the nearest cache.
        finish_tile(activation, y, y_stride, bias ? bias + first : 0, 0, to - from, columns);
      }
    }
  }
}
