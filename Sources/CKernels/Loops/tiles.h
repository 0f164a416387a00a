/// Tiles of matrix products: rows × panels of sums stay in registers over the whole depth.
///
/// The right side is a run of panels of LANES columns; a panel holds, step by step of the depth, its LANES values (missing
/// columns are 0). Each sum is one chain of multiply-adds in the order of the depth, so its bits do not depend on the tile,
/// nor on the other rows.
#ifndef TILE_ROWS
#define TILE_ROWS 3
#define TILE_PANELS 1
#endif
/// Columns of a tile.
#define TILE_COLUMNS (TILE_PANELS * LANES)

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

/// One tile of c = a · b (+ c), of which `columns` columns are wanted.
LOOP void product_tile(const size_t rows, const size_t panels, const REAL *a, size_t a_row, const size_t a_column,
                       const REAL *b, size_t depth, REAL *c, size_t c_stride, size_t columns, int accumulate) {
  vec sums[TILE_ROWS][TILE_PANELS];
  tile_sums(rows, panels, a, a_row, a_column, b, depth, sums);
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (size_t p = 0; p < panels; p++)
      if (p * LANES < columns) {
        REAL *place = c + r * c_stride + p * LANES;
        vec v = sums[r][p];
        if (accumulate) v += load_tail(place, columns - p * LANES);
        store_tail(place, v, columns - p * LANES);
      }
}

#define TILE_CASE(n)                                                                                \
  case n:                                                                                           \
    if (TILE_PANELS > 1 && columns > LANES)                                                         \
      product_tile(n, TILE_PANELS, a, a_row, a_column, b, depth, c, c_stride, columns, accumulate); \
    else                                                                                            \
      product_tile(n, 1, a, a_row, a_column, b, depth, c, c_stride, columns, accumulate);           \
    break;

/// The tile of up to TILE_ROWS rows; `a_column` and `accumulate` are constants of each caller where that saves code.
LOOP void product_rows(size_t rows, const REAL *a, size_t a_row, const size_t a_column, const REAL *b, size_t depth,
                       REAL *c, size_t c_stride, size_t columns, int accumulate) {
  switch (rows) {
    TILE_CASE(1)
    TILE_CASE(2)
    TILE_CASE(3)
#if TILE_ROWS > 3
    TILE_CASE(4)
    TILE_CASE(5)
    TILE_CASE(6)
#endif
#if TILE_ROWS > 6
    TILE_CASE(7)
    TILE_CASE(8)
    TILE_CASE(9)
    TILE_CASE(10)
    TILE_CASE(11)
    TILE_CASE(12)
    TILE_CASE(13)
    TILE_CASE(14)
#endif
    default: break;
  }
}
