/// Starting a thread beside the calling one: what the C library has for it under names that Swift does not see.
#pragma once

#include <pthread.h>

/// Starts a thread that runs beside the calling one from its first instruction on.
///
/// Linux begins a new thread on the processor of its maker, where the two take turns for some milliseconds before one of
/// them is moved. This one begins on another processor that the program may use, where there is one, and may then be moved
/// to any of them. Returns 0, or the error of `pthread_create`.
int retort_start_beside(pthread_t *thread, void *(*body)(void *), void *context);
