/// The float loops for any CPU (SSE2 on x86-64, NEON on arm64).
#define RETORT_TABLE retort_float_portable
#define RETORT_ISA_NAME "portable"
#include "Loops/real_float.h"
#include "Loops/all.h"
