/// The integer loops for AVX-512 with VNNI.
#if defined(__x86_64__)
#include <immintrin.h>
#define RETORT_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,bmi2,f16c")))
#define RETORT_MASKS
#define RETORT_TABLE retort_int8_avx512
#define RETORT_ISA_NAME "avx512"
#define RETORT_TILE "tile_vnni.h"
#include "Int8/all.h"
#endif
