/// A barrier of threads that spin.
#pragma once

#include <stdint.h>

typedef struct retort_barrier {
  uint32_t arrived, phase;
} retort_barrier;

/// Waits until `count` threads have come, and orders their memory.
void retort_barrier_meet(retort_barrier *barrier, uint32_t count);
