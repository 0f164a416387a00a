/// AVX2: bytes are widened to 16 bits, since `vpmaddubsw` saturates: 2 · 255 · 127 exceeds 2¹⁵.
#define TILE_ROWS 2
#define TILE_PANELS 1

LOOP void int8_tile(const size_t rows, const size_t panels, const uint8_t *q, size_t stride, const int8_t *w,
                    size_t groups, veci out[][TILE_PANELS]) {
  (void)panels;
  __m256i sums[TILE_ROWS][4];
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (size_t c = 0; c < 4; c++) sums[r][c] = _mm256_setzero_si256();
  for (size_t g = 0; g < groups; g++) {
    __m256i inputs[TILE_ROWS];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      int32_t four;
      memcpy(&four, q + r * stride + 4 * g, 4);
      inputs[r] = _mm256_cvtepu8_epi16(_mm_set1_epi32(four));
    }
#pragma clang loop unroll(full)
    for (size_t c = 0; c < 4; c++) {
      __m256i column = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(w + g * 64 + c * 16)));
#pragma clang loop unroll(full)
      for (size_t r = 0; r < rows; r++)
        sums[r][c] = _mm256_add_epi32(sums[r][c], _mm256_madd_epi16(inputs[r], column));
    }
  }
#pragma clang loop unroll(full)
  for (size_t r = 0; r < rows; r++) {
    // Two partial sums an output: add neighbours and put the outputs in order.
    __m256i low = _mm256_permute4x64_epi64(_mm256_hadd_epi32(sums[r][0], sums[r][1]), 0xD8);
    __m256i high = _mm256_permute4x64_epi64(_mm256_hadd_epi32(sums[r][2], sums[r][3]), 0xD8);
    memcpy(&out[r][0], &low, 32);
    memcpy((char *)&out[r][0] + 32, &high, 32);
  }
}
