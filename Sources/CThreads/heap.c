#include "retort_threads.h"

#include <stdlib.h>

void retort_reserve_heap(size_t bytes) {
  // Below the size from which the C library asks the system for each block alone.
  enum { piece = 96 << 10, most = 64 };
  void *pieces[most];
  size_t count = bytes / piece;
  if (count > most) count = most;
  for (size_t index = 0; index < count; index++) {
    pieces[index] = malloc(piece);
    // Or a compiler sees that nothing comes of them.
    if (pieces[index] != NULL) *(volatile char *)pieces[index] = 0;
  }
  // What lies at the end of a heap goes back to the system when it is freed: a small block that stays keeps the rest.
  void *volatile end = malloc(64);
  (void)end;
  for (size_t index = 0; index < count; index++) free(pieces[index]);
}
