/// Integer linear layers: u8 activations times s8 weights, summed exactly in int32.
///
/// Activations are stored as u8 with a scale and a zero point a row: real x ≈ scale · (q − zero). On the symmetric grid
/// the zero point is 128, so that q − zero is a signed integer in ±127. All loops and oneDNN give the same integers.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum retort_int8_grid { RETORT_INT8_SYMMETRIC = 0, RETORT_INT8_AFFINE = 1 };

/// A packed weight [outputs, inputs] with what turns sums into reals.
typedef struct retort_int8_weight {
  const int8_t *panels;   ///< `retort_int8_pack`.
  const int32_t *sums;    ///< Σ over inputs of each output's integers: [outputs].
  const float *scales;    ///< [outputs].
  const float *bias;      ///< [outputs], or null.
  size_t outputs, inputs;
} retort_int8_weight;

/// Quantized activations [rows, inputs], rows `stride` bytes apart (a multiple of 4; bytes behind the inputs are read).
typedef struct retort_int8_rows {
  const uint8_t *values;
  size_t stride, rows;
  const float *scales;   ///< [rows].
  const int32_t *zeros;  ///< [rows].
} retort_int8_rows;

typedef struct retort_int8_kernels {
  const char *name;  ///< "avx512" (with VNNI), "avx2" or "portable".
  /// Quantizes rows of x (or with `whole` all of them on one scale), rounding half to even. Zeros have scale 1.
  /// Symmetric: scale = max|x| / top, q = round(x · (1 / scale)) in ±top. Affine (ONNX DynamicQuantizeLinear): the range
  /// widened to hold 0, scale = (max − min) / top, q = round(x / scale) + zero in 0 … top.
  void (*quantize)(const float *x, size_t rows, size_t columns, int grid, int top, int whole, uint8_t *q, size_t stride,
                   float *scales, int32_t *zeros);
  /// The same on one given grid, without looking for a range: values outside of it become its ends.
  void (*quantize_fixed)(const float *x, size_t rows, size_t columns, int grid, int top, float scale, int32_t zero,
                         uint8_t *q, size_t stride, float *scales, int32_t *zeros);
  /// y [rows, outputs] = activation((Σ q·w − zero · sums) · scale · w_scale + bias), y's rows `y_stride` floats apart.
  void (*linear)(const retort_int8_rows *x, const retort_int8_weight *w, int activation, float *y, size_t y_stride);
  /// The bare sums Σ q·w, [rows, outputs].
  void (*product)(const retort_int8_rows *x, const retort_int8_weight *w, int32_t *sums);
  /// The second half of `linear` for sums [rows, outputs] that were computed elsewhere.
  void (*finish)(const retort_int8_rows *x, const retort_int8_weight *w, const int32_t *sums, int activation, float *y,
                 size_t y_stride);
  /// y[i] (+)= scales[ids[i]] · table[ids[i]], rows of `columns`.
  void (*embed)(const int8_t *table, const float *scales, const int32_t *ids, int accumulate, float *y, size_t rows,
                size_t columns);
} retort_int8_kernels;

/// The best table of this machine, or the named one if the machine has it; `name` may be null.
const retort_int8_kernels *retort_int8_choice(const char *name);
const retort_int8_kernels *retort_int8_named(const char *name);

/// Bytes of a packed weight.
size_t retort_int8_packed_bytes(size_t outputs, size_t inputs);
/// Packs [outputs, inputs] for any of the tables and fills `sums` [outputs].
void retort_int8_pack(const int8_t *w, size_t outputs, size_t inputs, int8_t *panels, int32_t *sums);

/// oneDNN's product, bound at first use by dlopen.
typedef struct retort_onednn {
  int (*gemm)(char transa, char transb, char offsetc, int64_t m, int64_t n, int64_t k, float alpha, const uint8_t *a,
              int64_t lda, uint8_t ao, const int8_t *b, int64_t ldb, int8_t bo, float beta, int32_t *c, int64_t ldc,
              const int32_t *co);
  char path[1024];   ///< The file that was loaded.
  int version[3];    ///< Major, minor, patch; zeros where it does not say.
} retort_onednn;

/// Binds `path`, or where that is null the system's library. Returns 0, or −1 with the loader's message.
int retort_onednn_load(retort_onednn *onednn, const char *path, char *message, size_t capacity);
/// sums [x.rows, outputs] for plain weights [outputs, inputs]. Returns 0, or oneDNN's status.
int retort_onednn_product(const retort_onednn *onednn, const retort_int8_rows *x, const int8_t *w, size_t outputs,
                          size_t inputs, int32_t *sums);
