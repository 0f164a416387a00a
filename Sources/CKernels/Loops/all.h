/// Every loop once, for the element and instruction set that the including file chose; ends with their table.
///
/// `attribute push` gives each function the target's instructions; system headers come before it.
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "retort_kernels.h"

// Vectors wider than the portable target are passed between inlined functions only.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang fp contract(fast)

#ifdef RETORT_TARGET
#define RETORT_PRAGMA(x) _Pragma(#x)
#define RETORT_PUSH(x) RETORT_PRAGMA(clang attribute push(x, apply_to = function))
RETORT_PUSH(RETORT_TARGET)
#endif

#include "vector.h"

#include "special.h"

#include "elementwise.h"
#include "reductions.h"
#include "activations.h"
#include "layer_norm.h"
#include "philox_lanes.h"
#include "dropout.h"
#include "rows.h"
#include "transpose.h"
#include "attention.h"
#include "attend.h"
#include "tiles.h"
#include "packed.h"
#include "products.h"
#include "losses.h"
#include "denormals.h"
#include "lstm.h"
#include "windows.h"
#include "pairs.h"
#include "adamw.h"
#include "table.h"

#ifdef RETORT_TARGET
#pragma clang attribute pop
#endif
