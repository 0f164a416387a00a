/// OpenBLAS, bound at first use by dlopen: linking it would choose its kernels before Retort can.
#pragma once

#include <stddef.h>

enum retort_blas_layout { RETORT_ROW_MAJOR = 101 };
enum retort_blas_transpose { RETORT_NO_TRANSPOSE = 111, RETORT_TRANSPOSE = 112 };

typedef struct retort_blas {
  void (*sgemm)(int layout, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
                const float *b, int ldb, float beta, float *c, int ldc);
  void (*dgemm)(int layout, int transpose_a, int transpose_b, int m, int n, int k, double alpha, const double *a,
                int lda, const double *b, int ldb, double beta, double *c, int ldc);
  char path[1024];        ///< The file that was loaded.
  char config[256];       ///< OpenBLAS's own description of its build; empty when it has none.
  char core[64];          ///< The kernel family that it runs with; empty when unknown.
  char requested[64];     ///< OPENBLAS_CORETYPE as Retort or the user set it; empty when unset.
  int requested_by_user;  ///< 1 when the variable was already set.
} retort_blas;

/// Chooses OPENBLAS_CORETYPE by the CPU's flags, sets one thread, and binds the library: `path`, or where that is null
/// the system's. Returns 0, or −1 with the loader's message. Only the first load of a process chooses the kernels.
int retort_blas_load(retort_blas *blas, const char *path, char *message, size_t capacity);

/// The first half of that: sets the variables that OpenBLAS reads when it is loaded, once a process. Where the second half
/// is left to another thread, call it before: the environment must not change under somebody who reads it.
void retort_blas_choose(void);

/// The OPENBLAS_CORETYPE that suits this CPU, or null where OpenBLAS should choose.
const char *retort_blas_core_for_this_cpu(void);
