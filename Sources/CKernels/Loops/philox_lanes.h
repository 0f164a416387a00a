/// Philox blocks side by side, for masks.
#define PHILOX_LANES 16
typedef uint32_t lanes32 __attribute__((vector_size(64)));

/// Replaces 16 counters by their words.
LOOP void philox_mix(const retort_dropout *mask, uint32_t words[4][PHILOX_LANES]) {
  uint32_t k0 = mask->key[0], k1 = mask->key[1];
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < PHILOX_LANES; i++) {
      uint64_t p0 = (uint64_t)0xD2511F53u * words[0][i], p1 = (uint64_t)0xCD9E8D57u * words[2][i];
      uint32_t c1 = words[1][i], c3 = words[3][i];
      words[0][i] = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
      words[1][i] = (uint32_t)p1;
      words[2][i] = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
      words[3][i] = (uint32_t)p0;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

/// Words of the blocks first … first + blocks − 1 of as many rows as fit: words[w][r · blocks + i] is word w of block
/// first + i of row `row` + r.
LOOP void philox_rows(const retort_dropout *mask, uint32_t first, uint32_t blocks, uint32_t row, uint32_t salt,
                      uint32_t words[4][PHILOX_LANES]) {
  uint32_t block = 0;
  for (int i = 0; i < PHILOX_LANES; i++) {
    words[0][i] = first + block + salt;
    words[1][i] = row;
    words[2][i] = mask->stream;
    words[3][i] = mask->step;
    if (++block == blocks) block = 0, row++;
  }
  philox_mix(mask, words);
}
