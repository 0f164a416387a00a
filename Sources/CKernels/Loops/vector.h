/// 64-byte vectors: one AVX-512 register, two of AVX2, four of SSE2 or NEON.
///
/// Loops work on whole vectors and load the tail into one padded with zeros, so that an element's result does not
/// depend on its place.
typedef REAL vec __attribute__((vector_size(64)));
typedef REAL vec_unaligned __attribute__((vector_size(64), aligned(sizeof(REAL))));
typedef BITS veci __attribute__((vector_size(64)));

#define LOOP static inline __attribute__((always_inline))

LOOP vec load(const REAL *p) { return *(const vec_unaligned *)p; }
LOOP void store(REAL *p, vec v) { *(vec_unaligned *)p = v; }
LOOP vec splat(REAL x) { return x - (vec){0}; }

LOOP vec load_tail(const REAL *p, size_t n) {
  if (n >= LANES) return load(p);
  vec v = {0};
  memcpy(&v, p, n * sizeof(REAL));
  return v;
}
LOOP void store_tail(REAL *p, vec v, size_t n) {
  if (n >= LANES) return store(p, v);
  memcpy(p, &v, n * sizeof(REAL));
}

LOOP vec select_vec(veci mask, vec yes, vec no) { return (vec)(((veci)yes & mask) | ((veci)no & ~mask)); }
LOOP vec max_vec(vec a, vec b) { return __builtin_elementwise_max(a, b); }
LOOP vec min_vec(vec a, vec b) { return __builtin_elementwise_min(a, b); }
LOOP vec abs_vec(vec a) { return __builtin_elementwise_abs(a); }
LOOP vec sqrt_vec(vec a) { return __builtin_elementwise_sqrt(a); }

/// Sums in a fixed tree, the same for every instruction set.
LOOP REAL sum_lanes(vec v) {
  REAL lane[LANES];
  memcpy(lane, &v, sizeof v);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) lane[i] += lane[i + width];
  return lane[0];
}
LOOP REAL max_lanes(vec v) {
  REAL best = v[0];
  for (int i = 1; i < LANES; i++) best = v[i] > best ? v[i] : best;
  return best;
}
/// The first n lanes of v, the others replaced.
LOOP vec keep_lanes(vec v, size_t n, REAL other) {
  for (size_t i = n; i < LANES; i++) v[i] = other;
  return v;
}
