/// Windows over time of packed sequences, and the maximum over time.
///
/// A sequence of n rows has n − width + 1 windows; one that is shorter than the width has a single window whose missing
/// rows are 0.
LOOP size_t window_count(size_t length, size_t width) { return length >= width ? length - width + 1 : 1; }

static void gather_windows(const void *x_, const int32_t *offsets, size_t sequences, size_t width, void *windows_,
                           size_t columns) {
  REAL *window = windows_;
  for (size_t s = 0; s < sequences; s++) {
    size_t length = (size_t)(offsets[s + 1] - offsets[s]), filled = length < width ? length : width;
    const REAL *x = (const REAL *)x_ + (size_t)offsets[s] * columns;
    for (size_t k = 0; k < window_count(length, width); k++, window += width * columns) {
      if (filled) memcpy(window, x + k * columns, filled * columns * sizeof(REAL));
      memset(window + filled * columns, 0, (width - filled) * columns * sizeof(REAL));
    }
  }
}

static void scatter_add_windows(const void *windows_, const int32_t *offsets, size_t sequences, size_t width, void *x_,
                                size_t columns) {
  const REAL *window = windows_;
  for (size_t s = 0; s < sequences; s++) {
    size_t length = (size_t)(offsets[s + 1] - offsets[s]), filled = length < width ? length : width;
    REAL *x = (REAL *)x_ + (size_t)offsets[s] * columns;
    for (size_t k = 0; k < window_count(length, width); k++, window += width * columns)
      add(window, 1, x + k * columns, filled * columns);
  }
}

static void swap_axes(const void *x_, void *y_, int accumulate, size_t blocks, size_t rows, size_t columns) {
  for (size_t b = 0; b < blocks; b++) {
    const REAL *x = (const REAL *)x_ + b * rows * columns;
    REAL *y = (REAL *)y_ + b * rows * columns;
    for (size_t j = 0; j < columns; j++)
      for (size_t i = 0; i < rows; i++) {
        REAL v = x[i * columns + j];
        y[j * rows + i] = accumulate ? y[j * rows + i] + v : v;
      }
  }
}

static void max_over_time(const void *x_, const int32_t *offsets, size_t sequences, void *y_, int32_t *places,
                          size_t columns) {
  const REAL *x = x_;
  for (size_t s = 0; s < sequences; s++) {
    size_t first = (size_t)offsets[s], end = (size_t)offsets[s + 1];
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      vec most = load_tail(x + first * columns + j, n);
      veci place = (veci){0} + (BITS)first;
      for (size_t r = first + 1; r < end; r++) {
        vec v = load_tail(x + r * columns + j, n);
        // The first of equals stays; NaN counts as the greatest, so that it is seen.
        veci better = (veci)(v > most) | (veci)(v != v);
        most = select_vec(better, v, most);
        place = (((veci){0} + (BITS)r) & better) | (place & ~better);
      }
      store_tail((REAL *)y_ + s * columns + j, most, n);
      for (size_t i = 0; i < LANES && i < n; i++) places[s * columns + j + i] = (int32_t)place[i];
    }
  }
}

static void max_over_time_backward(const void *dy_, const int32_t *places, size_t sequences, void *dx_,
                                   size_t columns) {
  const REAL *dy = dy_;
  REAL *dx = dx_;
  for (size_t s = 0; s < sequences; s++)
    for (size_t j = 0; j < columns; j++) {
      size_t i = s * columns + j;
      dx[(size_t)places[i] * columns + j] += dy[i];
    }
}
