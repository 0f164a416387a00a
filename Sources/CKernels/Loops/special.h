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

/// Φ(x) and φ(x) of the standard normal: erfc(z) = exp(−z²) · q(1 / (1 + 0.47 z)), relative error of the fit 9e-9.
LOOP void normal_vec(vec x, vec *distribution, vec *density) {
  vec z = abs_vec(x) * 0.70710678f;
  vec e = exp_vec(-0.5f * x * x);
  vec t = 1.0f / (1.0f + 0.47f * z);
  vec q = -0.0539903201f * t + 0.3037059026f;
  q = q * t + -0.6445141603f;
  q = q * t + 0.5677172945f;
  q = q * t + -0.2031660397f;
  q = q * t + 0.2861501852f;
  q = q * t + 0.2102750819f;
  q = q * t + 0.2689615645f;
  q = q * t + 0.2648487595f;
  q = q * t + 1.174064923e-5f;
  vec upper = 0.5f * e * q;
  *distribution = select_vec((veci)(x < 0), upper, 1.0f - upper);
  *density = e * 0.39894228f;
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
LOOP void normal_vec(vec x, vec *distribution, vec *density) {
  for (int i = 0; i < LANES; i++) {
    (*distribution)[i] = 0.5 * erfc(-x[i] * 0.70710678118654752440);
    (*density)[i] = exp(-0.5 * x[i] * x[i]) * 0.39894228040143267794;
  }
}

#endif
