#include "retort_philox.h"

#include "Loops/philox_rounds.h"

void retort_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]) {
  for (int i = 0; i < 4; i++) words[i] = counter[i];
  philox_rounds(words, key[0], key[1]);
}
