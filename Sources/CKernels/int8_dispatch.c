/// Chooses among the integer tables, and packs weights for all of them.
#include <string.h>

#include "retort_int8.h"

extern const retort_int8_kernels retort_int8_portable;
#if defined(__x86_64__)
extern const retort_int8_kernels retort_int8_avx2, retort_int8_avx512;

static int has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
static int has_vnni(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vnni");
}
#endif

const retort_int8_kernels *retort_int8_named(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!strcmp(name, "avx512")) return has_vnni() ? &retort_int8_avx512 : 0;
  if (!strcmp(name, "avx2")) return has_avx2() ? &retort_int8_avx2 : 0;
#endif
  return strcmp(name, "portable") ? 0 : &retort_int8_portable;
}

const retort_int8_kernels *retort_int8_choice(const char *name) {
  const retort_int8_kernels *table = name ? retort_int8_named(name) : 0;
  const char *names[] = {"avx512", "avx2", "portable"};
  for (int i = 0; !table && i < 3; i++) table = retort_int8_named(names[i]);
  return table;
}

enum { OUTPUTS = 16, INPUTS = 4 };

size_t retort_int8_packed_bytes(size_t outputs, size_t inputs) {
  return (outputs + OUTPUTS - 1) / OUTPUTS * OUTPUTS * ((inputs + INPUTS - 1) / INPUTS * INPUTS);
}

void retort_int8_pack(const int8_t *w, size_t outputs, size_t inputs, int8_t *panels, int32_t *sums) {
  // A panel of 16 outputs holds, for each four inputs, the four weights of each output side by side.
  for (size_t first = 0; first < outputs; first += OUTPUTS)
    for (size_t k = 0; k < inputs; k += INPUTS)
      for (size_t lane = 0; lane < OUTPUTS; lane++)
        for (size_t i = 0; i < INPUTS; i++)
          *panels++ = first + lane < outputs && k + i < inputs ? w[(first + lane) * inputs + k + i] : 0;
  for (size_t output = 0; output < outputs; output++) {
    sums[output] = 0;
    for (size_t k = 0; k < inputs; k++) sums[output] += w[output * inputs + k];
  }
}
