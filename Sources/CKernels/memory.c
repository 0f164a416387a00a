/// Zeroed, aligned memory of which the system gives only the pages that are used.
#include "retort_memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void *retort_zeroed(size_t bytes, void **block) {
  const uintptr_t alignment = 64;
  *block = bytes > SIZE_MAX - alignment ? 0 : calloc(1, bytes + alignment);
  if (!*block) {
    // As Swift's own allocations end.
    fprintf(stderr, "retort: there are no %zu bytes of memory left\n", bytes);
    abort();
  }
  return (void *)(((uintptr_t)*block + alignment - 1) & ~(alignment - 1));
}

void retort_free(void *block) { free(block); }
