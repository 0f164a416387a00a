/// The float loops for AVX-512 (F, BW, DQ, VL).
#if defined(__x86_64__)
#include <immintrin.h>
#define RETORT_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi2,f16c")))
#define TILE_ROWS 14
#define TILE_PANELS 2
#define RETORT_MASKS
#define RETORT_TABLE retort_float_avx512
#define RETORT_ISA_NAME "avx512"
#include "Loops/real_float.h"
#include "Loops/all.h"
#endif
