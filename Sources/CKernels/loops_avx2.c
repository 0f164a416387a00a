/// The float loops for AVX2 and FMA.
#if defined(__x86_64__)
#define RETORT_TARGET __attribute__((target("avx2,fma,bmi2,f16c")))
#define TILE_ROWS 6
#define TILE_PANELS 1
#define RETORT_TABLE retort_float_avx2
#define RETORT_ISA_NAME "avx2"
#include "Loops/real_float.h"
#include "Loops/all.h"
#endif
