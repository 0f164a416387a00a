/// Zeroed, aligned memory of which the system gives only the pages that are used; large memory in large pages.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "retort_memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/// A page of 2 MiB stands for 512 small ones in the processor's table of translations, which a sweep over a model's
/// parameters overflows otherwise.
#define LARGE_PAGE ((size_t)2 << 20)
#define ALIGNMENT ((uintptr_t)64)

static void *aligned(void *block, uintptr_t alignment) {
  return (void *)(((uintptr_t)block + alignment - 1) & ~(alignment - 1));
}

static void give_up(size_t bytes) {
  // As Swift's own allocations end.
  fprintf(stderr, "retort: there are no %zu bytes of memory left\n", bytes);
  abort();
}

void *retort_zeroed(size_t bytes, retort_block *block) {
  if (bytes > SIZE_MAX / 2) give_up(bytes);
  block->mapped = bytes >= LARGE_PAGE ? bytes + LARGE_PAGE : 0;
  if (!block->mapped) {
    block->start = calloc(1, bytes + ALIGNMENT);
    if (!block->start) give_up(bytes);
    return aligned(block->start, ALIGNMENT);
  }
  block->start = mmap(0, block->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block->start == MAP_FAILED) give_up(bytes);
  void *memory = aligned(block->start, LARGE_PAGE);
#ifdef MADV_HUGEPAGE
  // Whole pages only: the rest would be given although nobody uses it. A system without them loses nothing.
  (void)madvise(memory, bytes / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
#endif
  return memory;
}

void retort_free(retort_block block) {
  if (block.mapped)
    munmap(block.start, block.mapped);
  else
    free(block.start);
}
