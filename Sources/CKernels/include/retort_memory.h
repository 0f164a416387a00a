/// Zeroed memory for flat buffers.
#pragma once

#include <stddef.h>

/// At least `bytes` zero bytes at a 64-byte boundary; where there are none left the process ends. `block` receives what
/// `retort_free` takes. Large memory costs nothing until it is written.
void *_Nonnull retort_zeroed(size_t bytes, void *_Nullable *_Nonnull block);
void retort_free(void *_Nullable block);
