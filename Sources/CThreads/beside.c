#define _GNU_SOURCE
#include "retort_threads.h"

#if defined(__linux__) && defined(__GLIBC__)
#include <sched.h>
#include <stdlib.h>

struct start {
  void *(*body)(void *);
  void *context;
  cpu_set_t allowed;
};

static void *run(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  sched_setaffinity(0, sizeof start.allowed, &start.allowed);
  return start.body(start.context);
}

int retort_start_beside(pthread_t *thread, void *(*body)(void *), void *context) {
  struct start *start = malloc(sizeof *start);
  int here = sched_getcpu();
  if (start == NULL || here < 0 || sched_getaffinity(0, sizeof start->allowed, &start->allowed) != 0 ||
    CPU_COUNT(&start->allowed) < 2) {
    free(start);
    return pthread_create(thread, NULL, body, context);
  }
  start->body = body;
  start->context = context;
  cpu_set_t others = start->allowed;
  CPU_CLR(here, &others);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setaffinity_np(&attributes, sizeof others, &others);
  int failure = pthread_create(thread, &attributes, run, start);
  pthread_attr_destroy(&attributes);
  if (failure == 0) return 0;
  free(start);
  // The set of processors may have changed meanwhile.
  return pthread_create(thread, NULL, body, context);
}

#else

int retort_start_beside(pthread_t *thread, void *(*body)(void *), void *context) {
  return pthread_create(thread, NULL, body, context);
}

#endif
