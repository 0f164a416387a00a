/// Starting another program: what the C library has for it under names that Swift does not see.
#pragma once

#include <sys/types.h>

/// Starts `path` with `arguments` and `environment` (both end with a null pointer) in the working folder `folder`.
///
/// The child has `descriptors[i]` as its descriptor i and, where the C library can do so, no other one. It is in the
/// process group `group`, which it makes and leads where that is 0. Signals that this process ignores or blocks are the
/// child's as usual; but where `is_deaf` is not 0 it starts with those blocked that ask a process to end or to stop.
///
/// Returns 0, or the error's number: then there is no child.
int retort_spawn(pid_t *child, const char *path, char *const arguments[], char *const environment[],
                   const char *folder, const int descriptors[], int count, pid_t group, int is_deaf);

/// Makes a pipe whose ends no other program inherits, not even one that starts meanwhile. Returns 0 or the error's number.
int retort_pipe(int ends[2]);

/// Makes a pair of connected sockets of that kind.
int retort_sockets(int ends[2]);
