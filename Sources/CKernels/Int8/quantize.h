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

LOOP void store_bytes(uint8_t *q, veci v, size_t n) {
  bytes16 bytes = __builtin_convertvector(v, bytes16);
  memcpy(q, &bytes, n < LANES ? n : LANES);
}

/// A grid whose step is too small to be divided by is that of zeros.
#define SMALLEST_STEP 1e-35f

static void quantize_row(const float *x, size_t n, int grid, float low, float high, uint8_t *q, float *scale,
                         int32_t *zero) {
#pragma clang fp contract(off)
  if (grid == RETORT_INT8_SYMMETRIC) {
    float bound = -low > high ? -low : high, step = bound / 127.0f;
    int some = step >= SMALLEST_STEP;
    float inverse = some ? 1.0f / step : 0.0f;
    *scale = some ? step : 1.0f;
    *zero = 128;
    for (size_t j = 0; j < n; j += LANES) store_bytes(q + j, rounded(load_tail(x + j, n - j) * inverse) + 128, n - j);
    return;
  }
  float step = (high - low) / 255.0f;
  int some = step >= SMALLEST_STEP;
  if (!some) step = 1.0f;
  *scale = step;
  *zero = some ? (int32_t)nearbyintf(-low / step) : 0;
  for (size_t j = 0; j < n; j += LANES) {
    veci v = rounded(load_tail(x + j, n - j) / step) + *zero;
    v = __builtin_elementwise_min(__builtin_elementwise_max(v, (veci){0}), 255 - (veci){0});
    store_bytes(q + j, v, n - j);
  }
}

static void quantize(const float *x, size_t rows, size_t columns, int grid, int whole, uint8_t *q, size_t stride,
                     float *scales, int32_t *zeros) {
  float low = 0, high = 0;
  if (whole) range_of(x, rows * columns, &low, &high);
  for (size_t r = 0; r < rows; r++) {
    if (!whole) range_of(x + r * columns, columns, &low, &high);
    quantize_row(x + r * columns, columns, grid, low, high, q + r * stride, scales + r, zeros + r);
    memset(q + r * stride + columns, 0, stride - columns);
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
      memcpy(&bytes, row + j, n < LANES ? n : LANES);
      vec v = __builtin_convertvector(bytes, vec) * scales[ids[r]];
      if (accumulate) v += load_tail(y + j, n);
      store_tail(y + j, v, n);
    }
  }
}
