/// The integer loops for AVX2.
#if defined(__x86_64__)
#include <immintrin.h>
#define RETORT_TARGET __attribute__((target("avx2,fma,bmi2,f16c")))
#define RETORT_TABLE retort_int8_avx2
#define RETORT_ISA_NAME "avx2"
#define RETORT_TILE "tile_avx2.h"
#include "Int8/all.h"
#endif
