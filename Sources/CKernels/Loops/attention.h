/// Attention inside packed sequences, one head of one sequence at a time.
///
/// Operands are first packed into scratch with rows padded to whole vectors, so that a short sequence or a narrow head
/// still runs on full registers; all six products then go through one small loop.

/// Rows i … i + rows − 1 of a small product in one vector of columns; `rows` is a constant.
LOOP void small_tile(const size_t rows, const REAL *a, size_t a_row, size_t a_column, const REAL *b, REAL *c,
                     size_t depth, size_t width) {
  vec sums[8];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) sums[r] = (vec){0};
  for (size_t k = 0; k < depth; k++, a += a_column) {
    vec v = load(b + k * width);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) sums[r] += a[r * a_row] * v;
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) store(c + r * width, sums[r]);
}

#define SMALL_CASE(n) \
  case n: small_tile(n, p, a_row, a_column, b + j, q, depth, width); break;

/// c [m, width] = Σ_k a(i, k) · b [k, width]; a(i, k) = a[i · a_row + k · a_column]; width is a whole number of vectors.
LOOP void small_product(const REAL *a, size_t a_row, size_t a_column, const REAL *b, REAL *c, size_t m, size_t depth,
                        size_t width) {
  size_t count = (m + 7) / 8;
  for (size_t j = 0; j < width; j += LANES)
    for (size_t tile = 0; tile < count; tile++) {
      // Tiles of nearly equal heights: a single row would wait for its own sums.
      size_t from = m * tile / count, rows = m * (tile + 1) / count - from;
      const REAL *p = a + from * a_row;
      REAL *q = c + from * width + j;
      switch (rows) {
        SMALL_CASE(1)
        SMALL_CASE(2)
        SMALL_CASE(3)
        SMALL_CASE(4)
        SMALL_CASE(5)
        SMALL_CASE(6)
        SMALL_CASE(7)
        SMALL_CASE(8)
        default: break;
      }
    }
}

/// Copies [rows, columns] with a row stride into rows of `width`, the rest 0.
LOOP void pack(const REAL *x, size_t stride, REAL *y, size_t rows, size_t columns, size_t width) {
  for (size_t r = 0; r < rows; r++, y += width)
    for (size_t j = 0; j < width; j += LANES)
      store(y + j, j < columns ? load_tail(x + r * stride + j, columns - j) : (vec){0});
}

LOOP void unpack(const REAL *x, size_t width, REAL *y, size_t stride, size_t rows, size_t columns, REAL factor,
                 int accumulate) {
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      vec v = factor * load(x + r * width + j);
      if (accumulate) v += load_tail(y + r * stride + j, n);
      store_tail(y + r * stride + j, v, n);
    }
}

/// Softmax of n elements in place; the padding up to `width` (a whole number of vectors) becomes 0.
LOOP void softmax_row(REAL *x, size_t n, size_t width) {
  vec top = splat(x[0]);
  for (size_t j = 0; j < width; j += LANES) {
    vec v = load(x + j);
    if (n - j < LANES) v = keep_lanes(v, n - j, x[0]);
    top = max_vec(top, v);
  }
  REAL most = max_lanes(top);
  vec total = {0};
  for (size_t j = 0; j < width; j += LANES) {
    vec v = exp_vec(load(x + j) - most);
    if (n - j < LANES) v = keep_lanes(v, n - j, 0);
    total += v;
    store(x + j, v);
  }
  REAL inverse = 1 / sum_lanes(total);
  for (size_t j = 0; j < width; j += LANES) store(x + j, load(x + j) * inverse);
}

static size_t attention_scratch(size_t longest, size_t size) {
  size_t pairs = longest * padded(longest), rows = longest * padded(size);
  return 3 * pairs + 5 * rows + 2 * size * padded(longest) + LANES;
}

/// Heads keep their own numbers in the upper bits of a mask's block number.
LOOP uint32_t head_salt(size_t head) { return (uint32_t)head << 20; }

static void attention(const retort_attention *a, void *context_, void *probabilities_, void *scores_) {
  REAL *probabilities = probabilities_, *scores = scores_, *context = context_;
  size_t size = a->size, wide = padded(size), model = a->heads * size;
  for (size_t s = 0; s < a->sequences; s++) {
    size_t first = (size_t)a->offsets[s], length = (size_t)a->offsets[s + 1] - first, width = padded(length);
    if (length == 0) continue;
    REAL *keys = a->scratch, *values = keys + size * width, *weights = values + length * wide;
    REAL *result = weights + length * width;
    for (size_t h = 0; h < a->heads; h++) {
      size_t start = first * a->stride + h * size;
      const REAL *query = (const REAL *)a->query + start;
      pack_transposed((const REAL *)a->key + start, a->stride, keys, length, size, width);
      pack((const REAL *)a->value + start, a->stride, values, length, size, wide);
      small_product(query, a->stride, 1, keys, weights, length, size, width);
      scale(weights, a->scale, length * width);
      for (size_t i = 0; i < length; i++) {
        REAL *row = weights + i * width;
        if (scores) memcpy(scores + i * length, row, length * sizeof(REAL));
        softmax_row(row, length, width);
        for (size_t j = 0; j < length; j += LANES) store_tail(probabilities + i * length + j, load(row + j), length - j);
      }
      if (a->dropout.rate > 0)
        dropout_rows(weights, width, &a->dropout, a->dropout.first_row + (uint32_t)first, head_salt(h), length, length);
      small_product(weights, width, 1, values, result, length, length, wide);
      unpack(result, wide, context + first * model + h * size, model, length, size, 1, 0);
      probabilities += length * length;
      if (scores) scores += length * length;
    }
  }
}

static void attention_backward(const retort_attention *a, const void *dcontext_, const void *probabilities_,
                               const void *dprobabilities_, const void *dscores_, void *dq, void *dk, void *dv,
                               int accumulate) {
  const REAL *probabilities = probabilities_, *dprobabilities = dprobabilities_, *dscores = dscores_;
  size_t size = a->size, wide = padded(size), model = a->heads * size;
  for (size_t s = 0; s < a->sequences; s++) {
    size_t first = (size_t)a->offsets[s], length = (size_t)a->offsets[s + 1] - first, width = padded(length);
    if (length == 0) continue;
    REAL *values = a->scratch, *queries = values + size * width, *keys = queries + length * wide;
    REAL *dcontext = keys + length * wide, *weights = dcontext + length * wide, *dweights = weights + length * width;
    REAL *mask = dweights + length * width, *result = mask + length * width;
    for (size_t h = 0; h < a->heads; h++) {
      size_t start = first * a->stride + h * size;
      pack_transposed((const REAL *)a->value + start, a->stride, values, length, size, width);
      pack((const REAL *)a->query + start, a->stride, queries, length, size, wide);
      pack((const REAL *)a->key + start, a->stride, keys, length, size, wide);
      pack((const REAL *)dcontext_ + first * model + h * size, model, dcontext, length, size, wide);
      pack(probabilities, length, weights, length, length, width);
      if (a->dropout.rate > 0) {
        fill(mask, 1, length * width);
        dropout_rows(mask, width, &a->dropout, a->dropout.first_row + (uint32_t)first, head_salt(h), length, length);
        multiply(mask, weights, length * width);
      }
      // dV = (dropped P)ᵀ · dC
      small_product(weights, 1, width, dcontext, result, length, length, wide);
      unpack(result, wide, (REAL *)dv + start, a->stride, length, size, 1, accumulate);
      // dP = mask · (dC · Vᵀ) + what losses on P give
      small_product(dcontext, wide, 1, values, dweights, length, size, width);
      if (a->dropout.rate > 0) multiply(mask, dweights, length * width);
      for (size_t i = 0; i < length; i++) {
        REAL *row = dweights + i * width;
        const REAL *p = probabilities + i * length;
        if (dprobabilities) add(dprobabilities + i * length, 1, row, length);
        vec total = {0};
        for (size_t j = 0; j < length; j += LANES)
          total += load_tail(row + j, length - j) * load_tail(p + j, length - j);
        REAL mean = sum_lanes(total);
        for (size_t j = 0; j < length; j += LANES) {
          vec v = load_tail(p + j, length - j) * (load_tail(row + j, length - j) - mean);
          if (dscores) v += load_tail(dscores + i * length + j, length - j);
          store_tail(row + j, v, length - j);
        }
      }
      // dQ = scale · dS · K and dK = scale · dSᵀ · Q
      small_product(dweights, width, 1, keys, result, length, length, wide);
      unpack(result, wide, (REAL *)dq + start, a->stride, length, size, (REAL)a->scale, accumulate);
      small_product(dweights, 1, width, queries, result, length, length, wide);
      unpack(result, wide, (REAL *)dk + start, a->stride, length, size, (REAL)a->scale, accumulate);
      probabilities += length * length;
      if (dprobabilities) dprobabilities += length * length;
      if (dscores) dscores += length * length;
    }
  }
}

static void softmax(const void *x_, void *y_, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const REAL *x = (const REAL *)x_ + r * columns;
    REAL *y = (REAL *)y_ + r * columns, most = x[0];
    for (size_t j = 1; j < columns; j++) most = x[j] > most ? x[j] : most;
    vec total = {0};
    for (size_t j = 0; j < columns; j += LANES) {
      size_t n = columns - j;
      vec v = exp_vec(load_tail(x + j, n) - most);
      if (n < LANES) v = keep_lanes(v, n, 0);
      total += v;
      store_tail(y + j, v, n);
    }
    scale(y, 1 / (double)sum_lanes(total), columns);
  }
}
