static void adamw(void *p_, const void *g_, void *m_, void *v_, size_t n, double rate, double beta1, double beta2,
                  double epsilon, double decay, double correction1, double correction2, double gradient_scale) {
  REAL *p = p_, *m = m_, *v = v_;
  const REAL *g = g_;
  REAL b1 = (REAL)beta1, b2 = (REAL)beta2, c1 = (REAL)(1 - beta1), c2 = (REAL)(1 - beta2);
  REAL kept = (REAL)(1 - rate * decay), size = (REAL)(rate / correction1), root = (REAL)(1 / sqrt(correction2));
  REAL factor = (REAL)gradient_scale, tiny = (REAL)epsilon;
  for (size_t i = 0; i < n; i += LANES) {
    size_t k = n - i;
    vec grad = load_tail(g + i, k) * factor;
    vec first = b1 * load_tail(m + i, k) + c1 * grad;
    vec second = b2 * load_tail(v + i, k) + c2 * grad * grad;
    vec value = kept * load_tail(p + i, k) - size * first / (sqrt_vec(second) * root + tiny);
    store_tail(m + i, first, k);
    store_tail(v + i, second, k);
    store_tail(p + i, value, k);
  }
}
