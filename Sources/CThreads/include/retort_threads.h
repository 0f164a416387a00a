/// Threads that begin on another processor, and their heaps: what the C library has under names that Swift does not see.
#pragma once

#include <pthread.h>
#include <stddef.h>

/// Starts a thread that runs beside the calling one from its first instruction on.
///
/// Linux begins a new thread on the processor of its maker, where the two take turns for some milliseconds before one of
/// them is moved. This one begins on another processor that the program may use, where there is one, and may then be moved
/// to any of them. Returns 0, or the error of `pthread_create`.
int retort_start_beside(pthread_t *thread, void *(*body)(void *), void *context);

/// Makes the calling thread's heap larger by `bytes`, of which it touches one page in twenty-four.
///
/// The C library gives each thread a heap that grows by a call to the system every few kilobytes. Each of them stops the
/// other threads of the process where they ask for memory. Loses 64 bytes for good.
void retort_reserve_heap(size_t bytes);
