/// One AdamW update of a vector: the order of operations is PyTorch's.
LOOP vec adamw_value(vec p, vec m, vec v, REAL kept, REAL size, REAL root, REAL tiny) {
  return kept * p - size * m / (sqrt_vec(v) * root + tiny);
}

static void adamw(void *p_, const void *g_, void *m_, void *v_, size_t n, const retort_adamw *options,
                  const retort_adamw_step *step) {
  uint32_t mode = begin_flushing();
  REAL *p = p_, *m = m_, *v = v_;
  const REAL *g = g_;
  REAL b1 = (REAL)options->beta1, b2 = (REAL)options->beta2, c1 = (REAL)(1 - options->beta1);
  REAL c2 = (REAL)(1 - options->beta2), tiny = (REAL)options->epsilon;
  REAL kept = (REAL)step->kept, size = (REAL)step->size, root = (REAL)step->root, factor = (REAL)step->gradient_scale;
  for (size_t i = 0; i < n; i += LANES) {
    size_t k = n - i;
    vec grad = load_tail(g + i, k) * factor;
    vec first = b1 * load_tail(m + i, k) + c1 * grad;
    vec second = b2 * load_tail(v + i, k) + c2 * grad * grad;
    store_tail(m + i, first, k);
    store_tail(v + i, second, k);
    store_tail(p + i, adamw_value(load_tail(p + i, k), first, second, kept, size, root, tiny), k);
  }
  end_flushing(mode);
}

/// The same bits as `adamw` step by step with gradients of 0, while a vector stays in registers.
static void adamw_idle(void *p_, void *m_, void *v_, size_t n, const retort_adamw *options,
                       const retort_adamw_step *steps, size_t count) {
  uint32_t mode = begin_flushing();
  REAL *p = p_, *m = m_, *v = v_;
  REAL b1 = (REAL)options->beta1, b2 = (REAL)options->beta2, tiny = (REAL)options->epsilon;
  for (size_t i = 0; i < n; i += LANES) {
    size_t k = n - i;
    vec value = load_tail(p + i, k), first = load_tail(m + i, k), second = load_tail(v + i, k);
    if (max_lanes(max_vec(abs_vec(first), second)) == 0) {
      // Never touched: only the decay moves it.
      for (size_t s = 0; s < count; s++) value *= (REAL)steps[s].kept;
    } else {
      for (size_t s = 0; s < count; s++) {
        first *= b1;
        second *= b2;
        value = adamw_value(value, first, second, (REAL)steps[s].kept, (REAL)steps[s].size, (REAL)steps[s].root, tiny);
      }
      store_tail(m + i, first, k);
      store_tail(v + i, second, k);
    }
    store_tail(p + i, value, k);
  }
  end_flushing(mode);
}
