#define _GNU_SOURCE
#include "retort_children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { largest_count = 16 };

static const int asking[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGALRM,
                             SIGUSR1, SIGUSR2, SIGTSTP, SIGTTIN, SIGTTOU};

static int set_attributes(posix_spawnattr_t *attributes, pid_t group, int is_deaf) {
  sigset_t usual, blocked;
  sigemptyset(&usual);
  sigemptyset(&blocked);
  for (unsigned i = 0; i < sizeof asking / sizeof *asking; i++) {
    sigaddset(&usual, asking[i]);
    if (is_deaf) sigaddset(&blocked, asking[i]);
  }
  sigaddset(&usual, SIGCHLD);
  int error = posix_spawnattr_setflags(
      attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  if (!error) error = posix_spawnattr_setpgroup(attributes, group);
  if (!error) error = posix_spawnattr_setsigdefault(attributes, &usual);
  if (!error) error = posix_spawnattr_setsigmask(attributes, &blocked);
  return error;
}

static int set_actions(posix_spawn_file_actions_t *actions, const char *folder, const int moved[], int count) {
  int error = posix_spawn_file_actions_addchdir_np(actions, folder);
  for (int i = 0; i < count && !error; i++) error = posix_spawn_file_actions_adddup2(actions, moved[i], i);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
  if (!error) error = posix_spawn_file_actions_addclosefrom_np(actions, count);
#endif
  return error;
}

/// A file that was written a moment ago may still be open for writing in a child of another thread that has not yet
/// become its own program: that passes within milliseconds.
static int spawn_patiently(pid_t *child, const char *path, const posix_spawn_file_actions_t *actions,
                           const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) {
  for (int tries = 0;; tries++) {
    int error = posix_spawn(child, path, actions, attributes, arguments, environment);
    if (error != ETXTBSY || tries == 20) return error;
    struct timespec pause = {0, 5000000};
    nanosleep(&pause, 0);
  }
}

int retort_spawn(pid_t *child, const char *path, char *const arguments[], char *const environment[],
                   const char *folder, const int descriptors[], int count, pid_t group, int is_deaf) {
  if (count < 0 || count > largest_count) return EINVAL;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return error;
  error = posix_spawnattr_init(&attributes);
  if (error) {
    posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  // Copies above all targets, so that none is overwritten before it was taken.
  int moved[largest_count];
  int taken = 0;
  while (taken < count && !error) {
    moved[taken] = fcntl(descriptors[taken], F_DUPFD_CLOEXEC, count);
    if (moved[taken] < 0) {
      error = errno;
    } else {
      taken++;
    }
  }
  if (!error) error = set_attributes(&attributes, group, is_deaf);
  if (!error) error = set_actions(&actions, folder, moved, count);
  if (!error) error = spawn_patiently(child, path, &actions, &attributes, arguments, environment);
  while (taken > 0) close(moved[--taken]);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

#if !defined(__linux__)
static int close_on_exec(int result, int ends[2]) {
  if (result != 0) return errno;
  for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
  return 0;
}
#endif

int retort_pipe(int ends[2]) {
#if defined(__linux__)
  return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
#else
  return close_on_exec(pipe(ends), ends);
#endif
}

int retort_sockets(int ends[2]) {
#if defined(__linux__)
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 ? 0 : errno;
#else
  return close_on_exec(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ends);
#endif
}
