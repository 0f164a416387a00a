/// Linear layers on weights that were packed once: what inference runs.
///
/// A packed weight [outputs, inputs] is a run of panels of LANES outputs; a panel holds, input by input, its LANES
/// weights (missing outputs are 0). A tile of rows × panels stays in registers over all inputs. Each output is one
/// chain of multiply-adds in the order of the inputs, so its bits do not depend on the tile, nor on the other rows.
#ifndef TILE_ROWS
#define TILE_ROWS 3
#define TILE_PANELS 1
#endif

/// Rows whose inputs stay in the second-level cache while all panels pass.
#define BLOCK_BYTES ((size_t)384 << 10)

static size_t packed_count(size_t outputs, size_t inputs) { return padded(outputs) * inputs; }

static void pack_weight(const void *w_, void *packed_, size_t outputs, size_t inputs) {
  const REAL *w = w_;
  REAL *packed = packed_;
  for (size_t first = 0; first < outputs; first += LANES)
    for (size_t k = 0; k < inputs; k++)
      for (size_t lane = 0; lane < LANES; lane++)
        *packed++ = first + lane < outputs ? w[(first + lane) * inputs + k] : 0;
}

/// Sums of one tile: `rows` and `panels` are constants of each caller, so that they are registers. Element (r, k) of the
/// left side is a[r · a_row + k · a_column].
LOOP void tile_sums(const size_t rows, const size_t panels, const REAL *a, size_t a_row, const size_t a_column,
                    const REAL *w, size_t depth, vec sums[TILE_ROWS][TILE_PANELS]) {
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (size_t p = 0; p < panels; p++) sums[r][p] = (vec){0};
  for (size_t k = 0; k < depth; k++) {
    vec column[TILE_PANELS];
#pragma clang loop unroll(full)
    for (size_t p = 0; p < panels; p++) column[p] = load(w + (p * depth + k) * LANES);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      REAL value = a[r * a_row + k * a_column];
#pragma clang loop unroll(full)
      for (size_t p = 0; p < panels; p++) sums[r][p] += value * column[p];
    }
  }
}

/// One tile of an inference layer.
LOOP void packed_tile(const size_t rows, const size_t panels, const REAL *x, size_t stride, const REAL *w,
                      size_t inputs, const REAL *bias, int activation, REAL *y, size_t y_stride, size_t columns) {
  vec sums[TILE_ROWS][TILE_PANELS];
  tile_sums(rows, panels, x, stride, 1, w, inputs, sums);
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (size_t p = 0; p < panels; p++)
      if (p * LANES < columns) store_tail(y + r * y_stride + p * LANES, sums[r][p], columns - p * LANES);
  // The tile is still in the nearest cache.
  if (bias || activation != RETORT_IDENTITY) finish_tile(activation, y, y_stride, bias, 0, rows, columns);
}

#define ROWS_CASE(n) \
  case n: packed_tile(n, panels, x, stride, w, inputs, bias, activation, y, y_stride, columns); break;

LOOP void packed_rows(size_t rows, const size_t panels, const REAL *x, size_t stride, const REAL *w, size_t inputs,
                      const REAL *bias, int activation, REAL *y, size_t y_stride, size_t columns) {
  switch (rows) {
    ROWS_CASE(1)
    ROWS_CASE(2)
    ROWS_CASE(3)
#if TILE_ROWS > 3
    ROWS_CASE(4)
    ROWS_CASE(5)
    ROWS_CASE(6)
#endif
#if TILE_ROWS > 6
    ROWS_CASE(7)
    ROWS_CASE(8)
    ROWS_CASE(9)
    ROWS_CASE(10)
    ROWS_CASE(11)
    ROWS_CASE(12)
    ROWS_CASE(13)
    ROWS_CASE(14)
#endif
    default: break;
  }
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
    for (size_t first = 0; first < outputs; first += TILE_PANELS * LANES) {
      size_t columns = outputs - first < TILE_PANELS * LANES ? outputs - first : TILE_PANELS * LANES;
      const REAL *w = packed + first * inputs;
      for (size_t tile = 0; tile < count; tile++) {
        size_t from = start + (end - start) * tile / count, to = start + (end - start) * (tile + 1) / count;
        const REAL *x = (const REAL *)x_ + from * stride;
        REAL *y = (REAL *)y_ + from * y_stride + first;
        const REAL *b = bias ? bias + first : 0;
#if TILE_PANELS > 1
        if (columns > LANES) {
          packed_rows(to - from, TILE_PANELS, x, stride, w, inputs, b, activation, y, y_stride, columns);
          continue;
        }
#endif
        packed_rows(to - from, 1, x, stride, w, inputs, b, activation, y, y_stride, columns);
      }
    }
  }
}

/// Attention without anything kept: see `retort_kernels.attend`.
static void attend(const retort_attention *a, size_t query_stride, int first_only, void *context_,
                   size_t context_stride) {
  REAL *context = context_;
  size_t size = a->size, wide = padded(size);
  for (size_t s = 0; s < a->sequences; s++) {
    size_t first = (size_t)a->offsets[s], length = (size_t)a->offsets[s + 1] - first, width = padded(length);
    if (length == 0) continue;
    size_t row = first_only ? s : first, queries = first_only ? 1 : length;
    REAL *keys = a->scratch, *values = keys + size * width, *weights = values + length * wide;
    REAL *result = weights + queries * width;
    for (size_t h = 0; h < a->heads; h++) {
      size_t start = first * a->stride + h * size;
      pack_transposed((const REAL *)a->key + start, a->stride, keys, length, size, width);
      pack((const REAL *)a->value + start, a->stride, values, length, size, wide);
      const REAL *query = (const REAL *)a->query + row * query_stride + h * size;
      small_product(query, query_stride, 1, keys, weights, queries, size, width);
      scale(weights, a->scale, queries * width);
      for (size_t i = 0; i < queries; i++) softmax_row(weights + i * width, length, width);
      small_product(weights, width, 1, values, result, queries, length, wide);
      unpack(result, wide, context + row * context_stride + h * size, context_stride, queries, size, 1, 0);
    }
  }
}
