#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "retort_blas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *retort_blas_core_for_this_cpu(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (wide && __builtin_cpu_supports("avx512bf16")) return "Cooperlake";
  if (wide) return "SkylakeX";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
  return 0;
}

static void copy_text(char *to, size_t capacity, const char *from) { snprintf(to, capacity, "%s", from ? from : ""); }

static pthread_once_t chosen = PTHREAD_ONCE_INIT;
static const char *core;
static int is_users;

static void choose(void) {
  static char given[64];
  const char *variable = getenv("OPENBLAS_CORETYPE");
  is_users = variable != 0;
  copy_text(given, sizeof given, variable);
  core = is_users ? given : retort_blas_core_for_this_cpu();
  if (core && !is_users) setenv("OPENBLAS_CORETYPE", core, 0);
  setenv("OPENBLAS_NUM_THREADS", "1", 0);
  setenv("OMP_NUM_THREADS", "1", 0);
}

void retort_blas_choose(void) { pthread_once(&chosen, choose); }

int retort_blas_load(retort_blas *blas, const char *path, char *message, size_t capacity) {
  static const char *const names[] = {"libopenblas.so.0", "libopenblas.so", "libopenblas.dylib"};
  memset(blas, 0, sizeof *blas);
  retort_blas_choose();
  blas->requested_by_user = is_users;
  copy_text(blas->requested, sizeof blas->requested, core);
  void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : 0;
  if (path && !library) copy_text(message, capacity, dlerror());
  for (size_t i = 0; !path && !library && i < sizeof names / sizeof *names; i++) {
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library && i == 0) copy_text(message, capacity, dlerror());
  }
  if (!library) return -1;
  *(void **)&blas->sgemm = dlsym(library, "cblas_sgemm");
  *(void **)&blas->dgemm = dlsym(library, "cblas_dgemm");
  if (!blas->sgemm || !blas->dgemm) {
    copy_text(message, capacity, "it has no cblas_sgemm and cblas_dgemm");
    dlclose(library);
    return -1;
  }
  Dl_info info;
  if (dladdr((void *)blas->sgemm, &info)) copy_text(blas->path, sizeof blas->path, info.dli_fname);
  char *(*text)(void);
  *(void **)&text = dlsym(library, "openblas_get_config");
  if (text) copy_text(blas->config, sizeof blas->config, text());
  *(void **)&text = dlsym(library, "openblas_get_corename");
  if (text) copy_text(blas->core, sizeof blas->core, text());
  return 0;
}
