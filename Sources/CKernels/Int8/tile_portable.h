/// Any CPU: products of one byte each fit 16 bits (255 · 127 < 2¹⁵); they are widened before they are added.
#define TILE_ROWS 2
#define TILE_PANELS 1

typedef int16_t words16 __attribute__((vector_size(32)));
typedef int8_t small16 __attribute__((vector_size(16)));

LOOP void int8_tile(const size_t rows, const size_t panels, const uint8_t *q, size_t stride, const int8_t *w,
                    size_t groups, veci out[][TILE_PANELS]) {
  (void)panels;
  veci sums[TILE_ROWS][4];
  memset(sums, 0, sizeof sums);
  for (size_t g = 0; g < groups; g++)
    for (size_t r = 0; r < rows; r++) {
      const uint8_t *four = q + r * stride + 4 * g;
      int16_t a = four[0], b = four[1], c = four[2], d = four[3];
      words16 inputs = {a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d};
      for (size_t part = 0; part < 4; part++) {
        small16 column;
        memcpy(&column, w + g * 64 + part * 16, sizeof column);
        sums[r][part] += __builtin_convertvector(inputs * __builtin_convertvector(column, words16), veci);
      }
    }
  for (size_t r = 0; r < rows; r++)
    for (size_t lane = 0; lane < LANES; lane++) {
      veci part = sums[r][lane / 4];
      size_t first = lane % 4 * 4;
      out[r][0][lane] = part[first] + part[first + 1] + part[first + 2] + part[first + 3];
    }
}
