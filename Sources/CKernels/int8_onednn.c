/// oneDNN's integer product, bound by dlopen from a prototype of our own.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "retort_int8.h"

int retort_onednn_load(retort_onednn *onednn, const char *path, char *message, size_t capacity) {
  static const char *const names[] = {"libdnnl.so.3", "libdnnl.so.2", "libdnnl.so"};
  memset(onednn, 0, sizeof *onednn);
  // Its OpenMP reads this when it is loaded; threads are ours.
  setenv("OMP_NUM_THREADS", "1", 0);
  void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : 0;
  if (path && !library) snprintf(message, capacity, "%s", dlerror());
  for (size_t i = 0; !path && !library && i < sizeof names / sizeof *names; i++) {
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library && i == 0) snprintf(message, capacity, "%s", dlerror());
  }
  if (!library) return -1;
  *(void **)&onednn->gemm = dlsym(library, "dnnl_gemm_u8s8s32");
  if (!onednn->gemm) {
    snprintf(message, capacity, "it has no dnnl_gemm_u8s8s32");
    dlclose(library);
    return -1;
  }
  const int *(*version)(void);
  *(void **)&version = dlsym(library, "dnnl_version");
  if (version) memcpy(onednn->version, version(), sizeof onednn->version);
  Dl_info info;
  if (dladdr((void *)onednn->gemm, &info)) snprintf(onednn->path, sizeof onednn->path, "%s", info.dli_fname);
  return 0;
}

int retort_onednn_product(const retort_onednn *onednn, const retort_int8_rows *x, const int8_t *w, size_t outputs,
                          size_t inputs, int32_t *sums) {
  const int32_t offset = 0;
  return onednn->gemm('N', 'T', 'F', (int64_t)x->rows, (int64_t)outputs, (int64_t)inputs, 1, x->values,
                      (int64_t)x->stride, 0, w, (int64_t)inputs, 0, 0, sums, (int64_t)outputs, &offset);
}
