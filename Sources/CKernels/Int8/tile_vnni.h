/// AVX-512 VNNI: one instruction multiplies four inputs of 16 outputs and adds them.
#define TILE_ROWS 14
#define TILE_PANELS 2

LOOP void int8_tile(const size_t rows, const size_t panels, const uint8_t *q, size_t stride, const int8_t *w,
                    size_t groups, veci out[][TILE_PANELS]) {
  __m512i sums[TILE_ROWS][TILE_PANELS];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (size_t p = 0; p < panels; p++) sums[r][p] = _mm512_setzero_si512();
  for (size_t g = 0; g < groups; g++) {
    __m512i column[TILE_PANELS];
#pragma clang loop unroll(full)
    for (size_t p = 0; p < panels; p++) column[p] = _mm512_loadu_si512(w + (p * groups + g) * 64);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      int32_t four;
      memcpy(&four, q + r * stride + 4 * g, 4);
      __m512i inputs = _mm512_set1_epi32(four);
#pragma clang loop unroll(full)
      for (size_t p = 0; p < panels; p++) sums[r][p] = _mm512_dpbusd_epi32(sums[r][p], inputs, column[p]);
    }
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (size_t p = 0; p < panels; p++) out[r][p] = (veci)sums[r][p];
}
