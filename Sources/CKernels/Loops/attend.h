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
