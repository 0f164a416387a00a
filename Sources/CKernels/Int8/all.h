/// The integer loops once, for the tile and instruction set that the including file chose; ends with their table.
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "retort_int8.h"
#include "retort_kernels.h"

#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang diagnostic ignored "-Wunused-function"
#pragma clang fp contract(fast)

#ifdef RETORT_TARGET
#define RETORT_PRAGMA(x) _Pragma(#x)
#define RETORT_PUSH(x) RETORT_PRAGMA(clang attribute push(x, apply_to = function))
RETORT_PUSH(RETORT_TARGET)
#endif

#include "../Loops/real_float.h"
#include "../Loops/vector.h"
#include "../Loops/special.h"
#include "../Loops/activations.h"
#include "quantize.h"
#include RETORT_TILE
#include "linear.h"

const retort_int8_kernels RETORT_TABLE = {
    .name = RETORT_ISA_NAME,
    .quantize = quantize,
    .quantize_fixed = quantize_fixed,
    .linear = linear,
    .product = product,
    .finish = finish,
    .embed = embed,
};

#ifdef RETORT_TARGET
#pragma clang attribute pop
#endif
