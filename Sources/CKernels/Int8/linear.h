/// Rows whose inputs stay in the second-level cache while all panels pass.
#define BLOCK_BYTES ((size_t)256 << 10)

/// A vector of integers whose first n are at p.
LOOP veci load_integers(const int32_t *p, size_t n) { return (veci)load_tail((const float *)p, n); }

/// What a vector of outputs needs to become real.
typedef struct {
  veci sums, shift;
  vec scales, bias;
  int32_t zero;
} columns_of;

LOOP columns_of load_columns(const retort_int8_weight *w, size_t first, size_t n) {
  columns_of c = {.sums = load_integers(w->sums + first, n), .scales = load_tail(w->scales + first, n)};
  if (w->bias) c.bias = load_tail(w->bias + first, n);
  return c;
}

/// Sums of one row as reals. Rows mostly share their zero point, so its product with the weights' sums is kept.
LOOP vec real_sums(veci sums, columns_of *c, const retort_int8_rows *x, size_t row, int has_bias) {
  if (x->zeros[row] != c->zero) {
    c->zero = x->zeros[row];
    c->shift = c->zero * c->sums;
  }
  vec v = __builtin_convertvector(sums - c->shift, vec) * (x->scales[row] * c->scales);
  return has_bias ? v + c->bias : v;
}

/// One tile of whole rows; `rows` and `panels` are constants. Either y or raw receives the result.
LOOP void linear_tile(const size_t rows, const size_t panels, const retort_int8_rows *x, size_t row,
                      const retort_int8_weight *w, size_t groups, size_t first, int activation, float *y,
                      size_t y_stride, int32_t *raw) {
  veci sums[TILE_ROWS][TILE_PANELS];
  int8_tile(rows, panels, x->values + row * x->stride, x->stride, w->panels + first * groups * 4, groups, sums);
#pragma clang loop unroll(full)
  for (size_t p = 0; p < panels; p++) {
    size_t column = first + p * LANES;
    if (column >= w->outputs) break;
    size_t n = w->outputs - column;
    if (raw) {
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++)
        store_tail((float *)(raw + (row + r) * w->outputs + column), (vec)sums[r][p], n);
      continue;
    }
    columns_of c = load_columns(w, column, n);
    int has_bias = w->bias != 0;
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
      store_tail(y + (row + r) * y_stride + column, real_sums(sums[r][p], &c, x, row + r, has_bias), n);
  }
  if (!raw && activation != RETORT_IDENTITY) {
    size_t columns = w->outputs - first < panels * LANES ? w->outputs - first : panels * LANES;
    finish_tile(activation, y + row * y_stride + first, y_stride, 0, 0, rows, columns);
  }
}

#define ROWS_CASE(n) \
  case n: linear_tile(n, panels, x, row, w, groups, first, activation, y, y_stride, raw); break;

LOOP void linear_rows(size_t rows, const size_t panels, const retort_int8_rows *x, size_t row,
                      const retort_int8_weight *w, size_t groups, size_t first, int activation, float *y,
                      size_t y_stride, int32_t *raw) {
  switch (rows) {
    ROWS_CASE(1)
    ROWS_CASE(2)
#if TILE_ROWS > 2
    ROWS_CASE(3)
    ROWS_CASE(4)
    ROWS_CASE(5)
    ROWS_CASE(6)
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

static void tiles(const retort_int8_rows *x, const retort_int8_weight *w, int activation, float *y, size_t y_stride,
                  int32_t *raw) {
  size_t groups = (w->inputs + 3) / 4, block = BLOCK_BYTES / (4 * groups + 1) / TILE_ROWS * TILE_ROWS;
  if (block == 0) block = TILE_ROWS;
  for (size_t start = 0; start < x->rows; start += block) {
    size_t height = x->rows - start < block ? x->rows - start : block;
    size_t count = (height + TILE_ROWS - 1) / TILE_ROWS;
    for (size_t first = 0; first < w->outputs; first += TILE_PANELS * LANES)
      for (size_t tile = 0; tile < count; tile++) {
        size_t from = start + height * tile / count, to = start + height * (tile + 1) / count;
#if TILE_PANELS > 1
        if (w->outputs - first > LANES) {
          linear_rows(to - from, TILE_PANELS, x, from, w, groups, first, activation, y, y_stride, raw);
          continue;
        }
#endif
        linear_rows(to - from, 1, x, from, w, groups, first, activation, y, y_stride, raw);
      }
  }
}

static void linear(const retort_int8_rows *x, const retort_int8_weight *w, int activation, float *y, size_t y_stride) {
  tiles(x, w, activation, y, y_stride, 0);
}

static void product(const retort_int8_rows *x, const retort_int8_weight *w, int32_t *sums) {
  tiles(x, w, RETORT_IDENTITY, 0, 0, sums);
}

static void finish(const retort_int8_rows *x, const retort_int8_weight *w, const int32_t *sums, int activation,
                   float *y, size_t y_stride) {
  for (size_t j = 0; j < w->outputs; j += LANES) {
    size_t n = w->outputs - j;
    columns_of c = load_columns(w, j, n);
    for (size_t r = 0; r < x->rows; r++)
      store_tail(y + r * y_stride + j, real_sums(load_integers(sums + r * w->outputs + j, n), &c, x, r, w->bias != 0), n);
  }
  finish_tile(activation, y, y_stride, 0, 0, x->rows, w->outputs);
}
