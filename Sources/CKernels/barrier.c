#include "retort_barrier.h"

#include <sched.h>

/// Turns after which a thread lets others run: a waiting thread must not keep the one it waits for from its core.
#define PATIENCE 4000

void retort_barrier_meet(retort_barrier *barrier, uint32_t count) {
  uint32_t phase = __atomic_load_n(&barrier->phase, __ATOMIC_ACQUIRE);
  if (__atomic_add_fetch(&barrier->arrived, 1, __ATOMIC_ACQ_REL) == count) {
    __atomic_store_n(&barrier->arrived, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&barrier->phase, phase + 1, __ATOMIC_RELEASE);
    return;
  }
  for (int turn = 0; __atomic_load_n(&barrier->phase, __ATOMIC_ACQUIRE) == phase; turn++) {
    if (turn >= PATIENCE) {
      sched_yield();
      continue;
    }
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
}
