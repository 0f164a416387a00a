/// Zeroed memory for flat buffers and arenas.
#pragma once

#include <stddef.h>

/// What `retort_free` takes.
typedef struct retort_block {
  void *_Nullable start;
  size_t mapped;  ///< Bytes that were mapped; 0 for memory of the C library.
} retort_block;

/// At least `bytes` zero bytes at a 64-byte boundary; where there are none left the process ends. Large memory costs
/// nothing until it is written.
void *_Nonnull retort_zeroed(size_t bytes, retort_block *_Nonnull block);
void retort_free(retort_block block);
