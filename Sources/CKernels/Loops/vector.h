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

#ifdef RETORT_MASKS
// Only the lanes under a mask touch memory.
LOOP vec load_tail(const REAL *p, size_t n) {
  return n >= LANES ? load(p) : (vec)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
}
LOOP void store_tail(REAL *p, vec v, size_t n) {
  if (n >= LANES) return store(p, v);
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
}
#else
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
#endif

LOOP vec select_vec(veci mask, vec yes, vec no) { return (vec)(((veci)yes & mask) | ((veci)no & ~mask)); }
LOOP vec max_vec(vec a, vec b) { return __builtin_elementwise_max(a, b); }
LOOP vec min_vec(vec a, vec b) { return __builtin_elementwise_min(a, b); }
LOOP vec abs_vec(vec a) { return __builtin_elementwise_abs(a); }
LOOP vec sqrt_vec(vec a) { return __builtin_elementwise_sqrt(a); }

/// Lanes moved down by `by`; what comes in at the top is not looked at.
#if IS_FLOAT
#define MOVE_DOWN(v, by)                                                                                            \
  __builtin_shufflevector(v, v, 0 + by, 1 + by, 2 + by, 3 + by, 4 + by, 5 + by, 6 + by, 7 + by, 8 + by, 9 + by,     \
                          10 + by, 11 + by, 12 + by, 13 + by, 14 + by, 15 + by)
#define LANE_NUMBERS (veci){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
#else
#define MOVE_DOWN(v, by) \
  __builtin_shufflevector(v, v, 0 + by, 1 + by, 2 + by, 3 + by, 4 + by, 5 + by, 6 + by, 7 + by)
#define LANE_NUMBERS (veci){0, 1, 2, 3, 4, 5, 6, 7}
#endif

/// Sums in a fixed tree, the same for every instruction set.
LOOP REAL sum_lanes(vec v) {
#if LANES > 8
  v += MOVE_DOWN(v, 8);
#endif
  v += MOVE_DOWN(v, 4);
  v += MOVE_DOWN(v, 2);
  v += MOVE_DOWN(v, 1);
  return v[0];
}
LOOP REAL max_lanes(vec v) {
#if LANES > 8
  v = max_vec(v, MOVE_DOWN(v, 8));
#endif
  v = max_vec(v, MOVE_DOWN(v, 4));
  v = max_vec(v, MOVE_DOWN(v, 2));
  v = max_vec(v, MOVE_DOWN(v, 1));
  return v[0];
}
/// The first n lanes of v, the others replaced.
LOOP vec keep_lanes(vec v, size_t n, REAL other) {
  return select_vec(LANE_NUMBERS < (BITS)n, v, splat(other));
}
