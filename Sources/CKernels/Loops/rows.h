static void embed(const void *words_, const int32_t *ids, const void *positions_, const int32_t *places,
                  const void *types_, const int32_t *kinds, void *y_, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const REAL *word = (const REAL *)words_ + (size_t)ids[r] * columns;
    const REAL *position = positions_ ? (const REAL *)positions_ + (size_t)places[r] * columns : 0;
    const REAL *type = types_ ? (const REAL *)types_ + (size_t)kinds[r] * columns : 0;
    REAL *y = (REAL *)y_ + r * columns;
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      vec v = load_tail(word + j, n);
      if (type) v += load_tail(type + j, n);
      if (position) v += load_tail(position + j, n);
      store_tail(y + j, v, n);
    }
  }
}

static void gather_rows(const void *x_, const int32_t *indices, void *y_, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    memcpy((REAL *)y_ + r * columns, (const REAL *)x_ + (size_t)indices[r] * columns, columns * sizeof(REAL));
}

static void scatter_add_rows(const void *x_, const int32_t *indices, void *y_, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    add((const REAL *)x_ + r * columns, 1, (REAL *)y_ + (size_t)indices[r] * columns, columns);
}
