/// The three products of a linear layer in training. Weights change at every step, so they are laid out anew each time,
/// panel by panel, into memory that stays in the second-level cache while all rows pass.
///
/// Each element is one chain of multiply-adds in the order of the depth (of its blocks, for weight gradients), whatever
/// the tile; the chain does not depend on the other rows.
#if IS_FLOAT && TILE_PANELS > 1
#define HAS_PRODUCTS 1

/// Columns of a weight that are laid out together: their rows' pieces are long enough to be read ahead.
#define GROUP (4 * TILE_COLUMNS)
/// Tokens that a weight gradient adds up at once.
#define TOKEN_BLOCK 256

/// Panels [depth, LANES] of `columns` columns of b, whose rows are `stride` apart; the last one is filled up with 0.
LOOP void pack_columns(const REAL *b, size_t stride, size_t depth, size_t columns, REAL *panels) {
  for (size_t k = 0; k < depth; k++)
    for (size_t j = 0; j < columns; j += LANES)
      store(panels + j * depth + k * LANES, load_tail(b + k * stride + j, columns - j));
}

static size_t linear_scratch(size_t rows, size_t inputs, size_t outputs) {
  size_t tokens = rows < TOKEN_BLOCK ? rows : TOKEN_BLOCK;
  size_t forward = TILE_COLUMNS * inputs, back = GROUP * outputs;
  size_t weight = tokens * (padded(inputs) + TILE_ROWS) + LANES;
  size_t most = forward > back ? forward : back;
  return most > weight ? most : weight;
}

static void linear_forward(const void *x_, const void *w_, const void *bias_, int activation, void *y_,
                           void *derivative_, size_t rows, size_t inputs, size_t outputs, void *scratch) {
  const REAL *x = x_, *w = w_, *bias = bias_;
  REAL *y = y_, *derivative = derivative_, *panels = scratch;
  size_t count = (rows + TILE_ROWS - 1) / TILE_ROWS;
  for (size_t first = 0; first < outputs; first += TILE_COLUMNS) {
    size_t columns = outputs - first < TILE_COLUMNS ? outputs - first : TILE_COLUMNS;
    pack_weight(w + first * inputs, panels, columns, inputs);
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
    for (size_t first = 0; first < width; first += TILE_COLUMNS) {
      size_t columns = width - first < TILE_COLUMNS ? width - first : TILE_COLUMNS;
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
  if (rows == 0 && !accumulate) fill(dw, 0, outputs * inputs);
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
      for (size_t first = 0; first < inputs; first += TILE_COLUMNS) {
        size_t columns = inputs - first < TILE_COLUMNS ? inputs - first : TILE_COLUMNS;
        product_rows(to - from, across, 1, TILE_ROWS, panels + first * tokens, tokens, dw + from * inputs + first,
                     inputs, columns, accumulate);
      }
    }
  }
}
#endif
