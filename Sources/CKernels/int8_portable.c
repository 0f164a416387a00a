/// The integer loops for any CPU.
#define RETORT_TABLE retort_int8_portable
#define RETORT_ISA_NAME "portable"
#define RETORT_TILE "tile_portable.h"
#include "Int8/all.h"
