/// The three products of a linear layer in training. Weights change at every step, so they are laid out anew each time,
/// panel by panel, into memory that stays in the second-level cache while all rows pass.
///
/// Each element is one chain of multiply-adds in the order of the depth (of its blocks, for weight gradients), whatever
/// the tile; the chain does not depend on the other rows.
#if defined(HAS_TRANSPOSE) && TILE_PANELS > 1
#define HAS_PRODUCTS 1

/// Columns of a weight that are laid out together: their rows' pieces are long enough to be read ahead.
#define GROUP (4 * TILE_PANELS * LANES)
/// Tokens that a weight gradient adds up at once.
#define TOKEN_BLOCK 256

/// The panel [inputs, LANES] of up to LANES rows of w [·, inputs].
LOOP void pack_rows_as_panel(const REAL *w, size_t inputs, size_t rows, REAL *panel) {
  for (size_t k = 0; k < inputs; k += LANES)
    transpose_block(w + k, inputs, rows, inputs - k, panel + k * LANES, LANES);
}

/// Panels [depth, LANES] of `columns` columns of b, whose rows are `stride` apart; the last one is filled up with 0.
LOOP void pack_columns(const REAL *b, size_t stride, size_t depth, size_t columns, REAL *panels) {
  for (size_t k = 0; k < depth; k++)
    for (size_t j = 0; j < columns; j += LANES)
      store(panels + j * depth + k * LANES, load_tail(b + k * stride + j, columns - j));
}

/// One tile of c = a · b (+ c): a(r, k) = a[r · a_row + k · a_column].
LOOP void product_tile(const size_t rows, const size_t panels, const REAL *a, size_t a_row, size_t a_column,
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

#define PRODUCT_CASE(n)                                                                                \
  case n:                                                                                              \
    if (columns > LANES)                                                                               \
      product_tile(n, TILE_PANELS, a, a_row, a_column, b, depth, c, c_stride, columns, accumulate);    \
    else                                                                                               \
      product_tile(n, 1, a, a_row, a_column, b, depth, c, c_stride, columns, accumulate);              \
    break;

/// `a_column` is a constant of each caller.
LOOP void product_rows(size_t rows, const REAL *a, size_t a_row, const size_t a_column, const REAL *b, size_t depth,
                       REAL *c, size_t c_stride, size_t columns, int accumulate) {
  switch (rows) {
    PRODUCT_CASE(1)
    PRODUCT_CASE(2)
    PRODUCT_CASE(3)
    PRODUCT_CASE(4)
    PRODUCT_CASE(5)
    PRODUCT_CASE(6)
    PRODUCT_CASE(7)
    PRODUCT_CASE(8)
    PRODUCT_CASE(9)
    PRODUCT_CASE(10)
    PRODUCT_CASE(11)
    PRODUCT_CASE(12)
    PRODUCT_CASE(13)
    PRODUCT_CASE(14)
    default: break;
  }
}

static size_t linear_scratch(size_t rows, size_t inputs, size_t outputs) {
  size_t tokens = rows < TOKEN_BLOCK ? rows : TOKEN_BLOCK;
  size_t forward = TILE_PANELS * LANES * inputs, back = GROUP * outputs;
  size_t weight = tokens * (padded(inputs) + TILE_ROWS) + LANES;
  size_t most = forward > back ? forward : back;
  return most > weight ? most : weight;
}

static void linear_forward(const void *x_, const void *w_, const void *bias_, int activation, void *y_,
                           void *derivative_, size_t rows, size_t inputs, size_t outputs, void *scratch) {
  const REAL *x = x_, *w = w_, *bias = bias_;
  REAL *y = y_, *derivative = derivative_, *panels = scratch;
  size_t count = (rows + TILE_ROWS - 1) / TILE_ROWS;
  for (size_t first = 0; first < outputs; first += TILE_PANELS * LANES) {
    size_t columns = outputs - first < TILE_PANELS * LANES ? outputs - first : TILE_PANELS * LANES;
    for (size_t j = 0; j < columns; j += LANES)
      pack_rows_as_panel(w + (first + j) * inputs, inputs, columns - j < LANES ? columns - j : LANES,
                         panels + j * inputs);
    for (size_t tile = 0; tile < count; tile++) {
      size_t from = rows * tile / count, to = rows * (tile + 1) / count;
      product_rows(to - from, x + from * inputs, inputs, 1, panels, inputs, y + from * outputs + first, outputs, columns,
                   0);
      // The tile is still in the nearest cache.
      size_t place = from * outputs + first;
      finish_tile(activation, y + place, outputs, bias ? bias + first : 0, derivative ? derivative + place : 0, to - from,
                  columns);
    }
  }
}

static void linear_input_gradient(const void *g_, const void *w_, void *dx_, int accumulate, size_t rows, size_t inputs,
                                  size_t outputs, void *scratch) {
  const REAL *g = g_, *w = w_;
  REAL *dx = dx_, *panels = scratch;
  size_t count = (rows + TILE_ROWS - 1) / TILE_ROWS;
  for (size_t start = 0; start < inputs; start += GROUP) {
    size_t width = inputs - start < GROUP ? inputs - start : GROUP;
    pack_columns(w + start, inputs, outputs, width, panels);
    for (size_t first = 0; first < width; first += TILE_PANELS * LANES) {
      size_t columns = width - first < TILE_PANELS * LANES ? width - first : TILE_PANELS * LANES;
      for (size_t tile = 0; tile < count; tile++) {
        size_t from = rows * tile / count, to = rows * (tile + 1) / count;
        product_rows(to - from, g + from * outputs, outputs, 1, panels + first * outputs, outputs,
                     dx + from * inputs + start + first, inputs, columns, accumulate);
      }
    }
  }
}

static void linear_weight_gradient(const void *g_, const void *x_, void *dw_, int accumulate, size_t rows,
                                   size_t inputs, size_t outputs, void *scratch) {
  REAL *dw = dw_;
  size_t count = (outputs + TILE_ROWS - 1) / TILE_ROWS;
  for (size_t start = 0; start < rows; start += TOKEN_BLOCK, accumulate = 1) {
    size_t tokens = rows - start < TOKEN_BLOCK ? rows - start : TOKEN_BLOCK;
    const REAL *g = (const REAL *)g_ + start * outputs;
    REAL *panels = scratch, *across = panels + tokens * padded(inputs);
    pack_columns((const REAL *)x_ + start * inputs, inputs, tokens, inputs, panels);
    for (size_t tile = 0; tile < count; tile++) {
      size_t from = outputs * tile / count, to = outputs * (tile + 1) / count;
      for (size_t t = 0; t < tokens; t++)
        // Whole vectors: what is behind a tile's rows is overwritten by the next token's, or not looked at.
        store(across + t * TILE_ROWS, load_tail(g + t * outputs + from, outputs - from));
      for (size_t first = 0; first < inputs; first += TILE_PANELS * LANES) {
        size_t columns = inputs - first < TILE_PANELS * LANES ? inputs - first : TILE_PANELS * LANES;
        product_rows(to - from, across, 1, TILE_ROWS, panels + first * tokens, tokens, dw + from * inputs + first,
                     inputs, columns, accumulate);
      }
    }
  }
}
#endif
