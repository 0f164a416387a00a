/// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Writes the four words of one block.
void retort_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]);
