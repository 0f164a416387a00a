/// exp, tanh and the normal distribution on vectors.
///
/// The float polynomials are minimax fits made for Retort (Lawson's algorithm on Chebyshev nodes); their errors beside
/// the exact functions are given with each. Double takes the C library's functions.
#if IS_FLOAT

/// exp(x), relative error below 2e-7 for x in [−87, 88]; arguments outside are clamped.
LOOP vec exp_vec(vec x) {
  x = min_vec(max_vec(x, splat(-87.0f)), splat(88.0f));
  // Adding 1.5 · 2²³ rounds to an integer in the low bits; no reassociation is allowed here.
  vec shifted = x * 1.44269504f + 12582912.0f;
  veci power = (veci)shifted << 23;
  vec n = shifted - 12582912.0f;
  vec r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  vec p = 1.39560518e-3f * r + 8.37512858e-3f;
  p = p * r + 4.16660837e-2f;
  p = p * r + 1.66664155e-1f;
  p = p * r + 5.00000017e-1f;
  p = p * r + 1.00000004f;
  p = p * r + 1.0f;
  return (vec)((veci)p + power);
}

/// tanh(x): an odd polynomial up to 0.65 (relative error 6e-9 before rounding), beyond it 1 − 2 / (exp(2|x|) + 1).
LOOP vec tanh_vec(vec x) {
  vec a = abs_vec(x);
  vec u = x * x;
  vec p = -5.482151018e-3f * u + 2.042987999e-2f;
  p = p * u + -5.367072083e-2f;
  p = p * u + 1.333049746e-1f;
  p = p * u + -3.333323364e-1f;
  p = p * u * x + x;
  vec far = 1.0f - 2.0f / (exp_vec(2.0f * min_vec(a, splat(20.0f))) + 1.0f);
  far = select_vec(x < 0, -far, far);
  return select_vec((veci)(a < 0.65f), p, far);
}

/// Φ(x) of the standard normal, absolute error below 1.2e-7: ½ + x · h(x²) up to 5.3, where 1 − Φ is 6e-8; 0 or 1 beyond.
///
/// One polynomial without exp and division takes a third of the time of an erfc with a relative error, which a
/// product with x does not need.
LOOP vec distribution_vec(vec x) {
  const REAL end = 5.3f;
  // The polynomial's variable runs over [−1, 1], which keeps its terms small.
  vec t = x * x * (2 / (end * end)) - 1.0f;
  vec h = 2.85602437e-4f * t + -7.66322715e-4f;
  h = h * t + 7.26425089e-4f;
  h = h * t + -1.09103869e-3f;
  h = h * t + 3.14115779e-3f;
  h = h * t + -5.85476542e-3f;
  h = h * t + 8.82486347e-3f;
  h = h * t + -1.31828506e-2f;
  h = h * t + 1.89267043e-2f;
  h = h * t + -2.52989326e-2f;
  h = h * t + 3.20794173e-2f;
  h = h * t + -3.95888686e-2f;
  h = h * t + 4.92641665e-2f;
  h = h * t + -6.65185079e-2f;
  h = h * t + 1.33392558e-1f;
  vec inside = x * h + 0.5f;
  vec outside = select_vec((veci)(x < 0), splat(0), splat(1));
  return select_vec((veci)(abs_vec(x) < end), inside, outside);
}

/// φ(x) of the standard normal; 0 beyond 12, where it is below 3e-32: smaller ones would be denormal, and slow.
LOOP vec density_vec(vec x) {
  vec near = 0.39894228f * exp_vec(max_vec(-0.5f * x * x, splat(-72)));
  return select_vec((veci)(abs_vec(x) > 12), splat(0), near);
}

#else

LOOP vec exp_vec(vec x) {
  for (int i = 0; i < LANES; i++) x[i] = exp(x[i]);
  return x;
}
LOOP vec tanh_vec(vec x) {
  for (int i = 0; i < LANES; i++) x[i] = tanh(x[i]);
  return x;
}
LOOP vec distribution_vec(vec x) {
  for (int i = 0; i < LANES; i++) x[i] = 0.5 * erfc(-x[i] * 0.70710678118654752440);
  return x;
}
LOOP vec density_vec(vec x) {
  for (int i = 0; i < LANES; i++) x[i] = exp(-0.5 * x[i] * x[i]) * 0.39894228040143267794;
  return x;
}

#endif

/// 1 / (1 + exp(−x)), relative error below 4e-7 where exp is not clamped; NaN passes through.
LOOP vec sigmoid_vec(vec x) { return select_vec((veci)(x == x), 1 / (1 + exp_vec(-x)), x); }
