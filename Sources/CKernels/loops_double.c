/// The double loops, for gradient checks: portable, with the C library's functions.
#define RETORT_TABLE retort_double_portable
#define RETORT_ISA_NAME "portable"
#include "Loops/real_double.h"
#include "Loops/all.h"
