/// Chooses among the tables by what the CPU (and the system) can run.
#include <string.h>

#include "retort_kernels.h"

extern const retort_kernels retort_float_portable, retort_double_portable;

#if defined(__x86_64__)
extern const retort_kernels retort_float_avx2, retort_float_avx512;

static int has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
static int has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

const retort_kernels *retort_kernels_float_named(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!strcmp(name, "avx512")) return has_avx512() ? &retort_float_avx512 : 0;
  if (!strcmp(name, "avx2")) return has_avx2() ? &retort_float_avx2 : 0;
#endif
  return strcmp(name, "portable") ? 0 : &retort_float_portable;
}

const retort_kernels *retort_kernels_float_choice(const char *name) {
  const retort_kernels *table = name ? retort_kernels_float_named(name) : 0;
  const char *names[] = {"avx512", "avx2", "portable"};
  for (int i = 0; !table && i < 3; i++) table = retort_kernels_float_named(names[i]);
  return table;
}

const retort_kernels *retort_kernels_double(void) { return &retort_double_portable; }
