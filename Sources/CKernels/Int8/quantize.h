/// max |x|, or min and max widened to hold 0.
LOOP void range_of(const float *x, size_t n, float *low, float *high) {
  vec least = {0}, most = {0};
  for (size_t j = 0; j < n; j += LANES) {
    vec v = load_tail(x + j, n - j);
    least = min_vec(least, v);
    most = max_vec(most, v);
  }
  *low = -max_lanes(-least);
  *high = max_lanes(most);
}

/// Rounds to nearest even by adding 1.5 · 2²³; the product before it must be rounded on its own.
LOOP veci rounded(vec x) {
  x = min_vec(max_vec(x, splat(-1024.0f)), splat(1024.0f));
  return (veci)(x + 12582912.0f) - 0x4B400000;
}

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/// Copies a vector of bytes or its first n; the whole one is a single move.
LOOP void copy_bytes(void *to, const void *from, size_t n) {
  if (n >= LANES)
    memcpy(to, from, LANES);
  else
    memcpy(to, from, n);
}

LOOP void store_bytes(uint8_t *q, veci v, size_t n) {
  bytes16 bytes = __builtin_convertvector(v, bytes16);
  copy_bytes(q, &bytes, n);
}

/// A grid whose step is too small to be divided by is that of zeros.
#define SMALLEST_STEP 1e-35f

/// The step and zero point of a grid over low … high, which holds 0.
LOOP void choose_grid(int grid, int top, float low, float high, float *scale, int32_t *zero) {
  float bound = -low > high ? -low : high;
  float step = (grid == RETORT_INT8_SYMMETRIC ? bound : high - low) / (float)top;
  int some = step >= SMALLEST_STEP;
  *scale = some ? step : 1.0f;
  *zero = grid == RETORT_INT8_SYMMETRIC ? 128 : some ? (int32_t)nearbyintf(-low / step) : 0;
}

/// Rounds a row to a grid; what lies outside of it becomes its nearest end. `symmetric` is a constant.
LOOP void fill_row(const int symmetric, const float *x, size_t n, int top, float scale, int32_t zero, uint8_t *q) {
#pragma clang fp contract(off)
  veci least = (symmetric ? zero - top : 0) - (veci){0}, most = (symmetric ? zero + top : top) - (veci){0};
  float inverse = 1.0f / scale;
  for (size_t j = 0; j < n; j += LANES) {
    vec v = load_tail(x + j, n - j);
    veci whole = rounded(symmetric ? v * inverse : v / scale) + zero;
    store_bytes(q + j, __builtin_elementwise_min(__builtin_elementwise_max(whole, least), most), n - j);
  }
}

static void quantize_row(const float *x, size_t columns, int grid, int top, float scale, int32_t zero, uint8_t *q,
                         size_t stride) {
  if (grid == RETORT_INT8_SYMMETRIC)
    fill_row(1, x, columns, top, scale, zero, q);
  else
    fill_row(0, x, columns, top, scale, zero, q);
  memset(q + columns, 0, stride - columns);
}

static void quantize(const float *x, size_t rows, size_t columns, int grid, int top, int whole, uint8_t *q,
                     size_t stride, float *scales, int32_t *zeros) {
  float low = 0, high = 0;
  if (whole) range_of(x, rows * columns, &low, &high);
  for (size_t r = 0; r < rows; r++) {
    if (!whole) range_of(x + r * columns, columns, &low, &high);
    choose_grid(grid, top, low, high, scales + r, zeros + r);
    quantize_row(x + r * columns, columns, grid, top, scales[r], zeros[r], q + r * stride, stride);
  }
}

static void quantize_fixed(const float *x, size_t rows, size_t columns, int grid, int top, float scale, int32_t zero,
                           uint8_t *q, size_t stride, float *scales, int32_t *zeros) {
  for (size_t r = 0; r < rows; r++) {
    scales[r] = scale;
    zeros[r] = zero;
    quantize_row(x + r * columns, columns, grid, top, scale, zero, q + r * stride, stride);
  }
}

typedef int8_t signed16 __attribute__((vector_size(16)));

static void embed(const int8_t *table, const float *scales, const int32_t *ids, int accumulate, float *y, size_t rows,
                  size_t columns) {
  for (size_t r = 0; r < rows; r++, y += columns) {
    const int8_t *row = table + (size_t)ids[r] * columns;
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      signed16 bytes = {0};
      copy_bytes(&bytes, row + j, n);
      vec v = __builtin_convertvector(bytes, vec) * scales[ids[r]];
      if (accumulate) v += load_tail(y + j, n);
      store_tail(y + j, v, n);
    }
  }
}
