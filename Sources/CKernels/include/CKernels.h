/// The C side of Retort's numerics: hot loops compiled once per instruction set, and late-bound BLAS.
#pragma once

#include "retort_barrier.h"
#include "retort_blas.h"
#include "retort_int8.h"
#include "retort_kernels.h"
#include "retort_memory.h"
#include "retort_philox.h"
