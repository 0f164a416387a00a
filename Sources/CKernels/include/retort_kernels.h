/// The dispatch table of hot loops that BLAS lacks.
///
/// One table exists per instruction set for float, and one (portable) for double, which only gradient checks use.
/// Element pointers are untyped here: the table that a caller picks fixes the element (`element_size`). Matrices are
/// row-major and dense unless a stride is named; scalars come as double. No loop allocates, and none reads a thread's
/// identity: results depend on the arguments alone.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum retort_activation { RETORT_IDENTITY = 0, RETORT_GELU = 1, RETORT_TANH = 2, RETORT_RELU = 3, RETORT_GELU_TANH = 4 };
enum retort_divergence { RETORT_SOFT_CROSS_ENTROPY = 0, RETORT_FORWARD_KL = 1, RETORT_REVERSE_KL = 2 };

/// Where a dropout mask comes from. Element (row, column) of a mask is a function of these values, the row's number
/// in the whole batch and the row's width, never of how the batch was cut.
typedef struct retort_dropout {
  double rate;       ///< Share of elements set to 0; the others are divided by 1 − rate. 0 means no dropout.
  uint32_t key[2];   ///< The seed.
  uint32_t stream;   ///< Tells operations of one step apart.
  uint32_t step;     ///< The training step.
  uint32_t first_row;  ///< Whole-batch number of row 0.
} retort_dropout;

/// Self-attention over packed sequences. Element (t, a·size + c) of q, k, v and context is head a of token t.
typedef struct retort_attention {
  const void *query, *key, *value;  ///< [tokens, ·] with rows `stride` elements apart.
  size_t stride;
  const int32_t *offsets;  ///< [sequences + 1]: sequence s has the rows offsets[s] ..< offsets[s + 1].
  size_t sequences, heads, size;
  double scale;            ///< 1 / sqrt(size).
  retort_dropout dropout;  ///< Of the probabilities.
  void *scratch;           ///< `attention_scratch(longest sequence, size)` elements.
} retort_attention;

/// What stays the same over all steps of AdamW.
typedef struct retort_adamw {
  double beta1, beta2, epsilon;
} retort_adamw;

/// One step of AdamW: p = kept · p − size · m / (√v · root + ε).
typedef struct retort_adamw_step {
  double kept;            ///< 1 − rate · decay
  double size;            ///< rate / (1 − β₁ᵗ)
  double root;            ///< 1 / √(1 − β₂ᵗ)
  double gradient_scale;  ///< Clipping's factor.
} retort_adamw_step;
/// One direction of an LSTM over packed sequences. Arrays over sequences are sorted by falling length, so that those still
/// live at a step are the first; empty sequences are left out. Each token's gates are input, forget, candidate, output.
typedef struct retort_lstm {
  size_t size;                          ///< Width of the state.
  const void *input_bias, *state_bias;  ///< [4 · size] each.
  const int32_t *starts;     ///< [sequences]: row of a sequence's first step.
  const int32_t *sequences;  ///< [sequences]: which sequence it is.
  int32_t direction;         ///< Rows from a step to the next: 1, or −1 for backwards in time.
  void *gates;   ///< [tokens, 4 · size]: the input's products; a step leaves its gates, the way back their gradients.
  void *cells;   ///< [tokens, size].
  void *states;  ///< [tokens, size].
} retort_lstm;

typedef struct retort_kernels {
  const char *name;  ///< "avx512", "avx2" or "portable".
  size_t element_size;

  // Vectors of n elements.
  void (*fill)(void *x, double value, size_t n);
  void (*add)(const void *x, double factor, void *y, size_t n);               ///< y += factor · x
  void (*multiply)(const void *x, void *y, size_t n);                         ///< y *= x
  void (*scale)(void *x, double factor, size_t n);                            ///< x *= factor
  double (*sum)(const void *x, size_t n);
  double (*squared_norm)(const void *x, size_t n);
  double (*dot)(const void *x, const void *y, size_t n);
  size_t (*count_non_finite)(const void *x, size_t n);

  // Linear layers: y [rows, columns] holds x·Wᵀ.
  /// y = activation(y + bias); bias may be null. `derivative` (null in inference) receives d activation at each element
  /// for GELU; tanh and ReLU derive it from y.
  void (*bias_activation)(void *y, const void *bias, void *derivative, int activation, size_t rows, size_t columns);
  /// g = dy · activation'(·). For GELU `state` is the derivative kept by the forward loop, else it is y. g may be dy.
  void (*activation_backward)(const void *dy, const void *state, void *g, int activation, size_t n);
  void (*add_column_sums)(const void *x, void *sums, size_t rows, size_t columns);  ///< sums += Σ rows of x

  // Layer norm over columns of (x + residual).
  /// normalized [rows, columns] and deviation [rows] (1/σ) are kept for the backward loop; both may be null.
  void (*layer_norm)(const void *x, const void *residual, const void *gamma, const void *beta, double epsilon, void *y,
                     void *normalized, void *deviation, size_t rows, size_t columns);
  /// dx (+)= …, dgamma += …, dbeta += …; `accumulate` says whether dx is added to or overwritten.
  void (*layer_norm_backward)(const void *dy, const void *normalized, const void *deviation, const void *gamma,
                              void *dx, int accumulate, void *dgamma, void *dbeta, size_t rows, size_t columns);

  // Attention.
  size_t (*attention_scratch)(size_t longest, size_t size);
  /// probabilities and scores: per sequence [heads, length, length], sequences one after another. scores (scaled, before
  /// the softmax) may be null. Probabilities are those before dropout.
  void (*attention)(const retort_attention *a, void *context, void *probabilities, void *scores);
  /// dprobabilities and dscores are further gradients of the exposed values, or null. dq, dk, dv have rows `stride`
  /// apart and are overwritten, or added to where `accumulate`.
  void (*attention_backward)(const retort_attention *a, const void *dcontext, const void *probabilities,
                             const void *dprobabilities, const void *dscores, void *dq, void *dk, void *dv,
                             int accumulate);

  // Inference: weights are packed once, nothing is kept for a way back.
  size_t (*packed_count)(size_t outputs, size_t inputs);  ///< Elements of a packed weight.
  void (*pack_weight)(const void *w, void *packed, size_t outputs, size_t inputs);  ///< From [outputs, inputs].
  /// y [rows, outputs] = activation(x [rows, inputs] · Wᵀ + bias); rows of x and y are `…stride` elements apart; bias may
  /// be null. A row's bits do not depend on the other rows.
  void (*packed_linear)(const void *x, size_t stride, const void *packed, const void *bias, int activation, void *y,
                        size_t y_stride, size_t rows, size_t inputs, size_t outputs);
  /// Attention without dropout into context, rows of heads · size elements `context_stride` apart. Rows of a->query are
  /// `query_stride` apart; with `first_only` query and context have one row a sequence instead of one a token.
  void (*attend)(const retort_attention *a, size_t query_stride, int first_only, void *context, size_t context_stride);

  // Linear layers in training, where this beats BLAS; null elsewhere. x [rows, inputs], w and dw [outputs, inputs],
  // y and g [rows, outputs], all dense. `scratch` has `linear_scratch` elements.
  size_t (*linear_scratch)(size_t rows, size_t inputs, size_t outputs);
  /// y = activation(x · wᵀ + bias), with `bias_activation`'s derivative; bias and derivative may be null.
  void (*linear_forward)(const void *x, const void *w, const void *bias, int activation, void *y, void *derivative,
                         size_t rows, size_t inputs, size_t outputs, void *scratch);
  /// dx (+)= g · w
  void (*linear_input_gradient)(const void *g, const void *w, void *dx, int accumulate, size_t rows, size_t inputs,
                                size_t outputs, void *scratch);
  /// dw (+)= gᵀ · x
  void (*linear_weight_gradient)(const void *g, const void *x, void *dw, int accumulate, size_t rows, size_t inputs,
                                 size_t outputs, void *scratch);

  // Rows.
  /// y[i] = words[ids[i]] + positions[places[i]] + types[kinds[i]]; positions and types may be null.
  void (*embed)(const void *words, const int32_t *ids, const void *positions, const int32_t *places, const void *types,
                const int32_t *kinds, void *y, size_t rows, size_t columns);
  void (*gather_rows)(const void *x, const int32_t *indices, void *y, size_t rows, size_t columns);
  void (*scatter_add_rows)(const void *x, const int32_t *indices, void *y, size_t rows, size_t columns);

  // Dropout: x *= mask / (1 − rate), the same loop forwards and backwards.
  void (*dropout)(void *x, const retort_dropout *mask, size_t rows, size_t columns);
  void (*softmax)(const void *x, void *y, size_t rows, size_t columns);

  // Losses: each returns Σ over rows of weight · loss (weights null: 1) and, where gradient is not null, adds `scale` times
  // the loss's gradient to it (or overwrites it unless `accumulate`). Rows with label `ignored` or weight 0 give none.
  double (*cross_entropy)(const void *logits, const int32_t *labels, int32_t ignored, const void *weights, double scale,
                          void *gradient, int accumulate, size_t rows, size_t columns);
  double (*divergence)(const void *logits, const void *target, int kind, double temperature, const void *weights,
                       double scale, void *gradient, int accumulate, size_t rows, size_t columns);
  /// Σ weight · (x − target)² over all elements.
  double (*squared_error)(const void *x, const void *target, const void *weights, double scale, void *gradient,
                          int accumulate, size_t rows, size_t columns);
  /// Σ weight · (1 − cos(x, target)).
  double (*cosine_distance)(const void *x, const void *target, const void *weights, double scale, void *gradient,
                            int accumulate, size_t rows, size_t columns);

  // Optimiser: AdamW (Loshchilov & Hutter 2019, PyTorch's order of operations). Denormal results become 0.
  /// One step over n elements.
  void (*adamw)(void *p, const void *g, void *m, void *v, size_t n, const retort_adamw *options,
                const retort_adamw_step *step);
  /// `count` steps at which the gradients were 0, one after another: the same bits as that many calls of `adamw`.
  void (*adamw_idle)(void *p, void *m, void *v, size_t n, const retort_adamw *options, const retort_adamw_step *steps,
                     size_t count);

  // LSTM: one step of the `live` first sequences.
  /// recurrent [live, 4 · size] is the last states' product with the state weight, null at step 0; current [live, size]
  /// receives the states beside l->states.
  void (*lstm_step)(const retort_lstm *l, size_t step, size_t live, const void *recurrent, void *current);
  /// dstates [tokens, size] and dfinal [all sequences, size] may be null. The first `continuing` sequences have a later
  /// step, which left dcells [live, size] and, through the state weight, dcurrent [live, size]. dgates [live, 4 · size]
  /// receives the gates' gradients beside l->gates.
  void (*lstm_step_backward)(const retort_lstm *l, size_t step, size_t live, size_t continuing, const void *dstates,
                             const void *dfinal, const void *dcurrent, void *dcells, void *dgates);

  // Windows over time of packed sequences x [rows, columns]; a sequence that is shorter than the width has one, whose
  // missing rows are 0.
  void (*gather_windows)(const void *x, const int32_t *offsets, size_t sequences, size_t width, void *windows,
                         size_t columns);  ///< windows [·, width · columns].
  void (*scatter_add_windows)(const void *windows, const int32_t *offsets, size_t sequences, size_t width, void *x,
                              size_t columns);
  /// y [blocks, columns, rows] (+)= x [blocks, rows, columns].
  void (*swap_axes)(const void *x, void *y, int accumulate, size_t blocks, size_t rows, size_t columns);
  /// y [sequences, columns] are the maxima of each sequence's rows, places [sequences, columns] the rows they are in. No
  /// sequence may be empty.
  void (*max_over_time)(const void *x, const int32_t *offsets, size_t sequences, void *y, int32_t *places,
                        size_t columns);
  void (*max_over_time_backward)(const void *dy, const int32_t *places, size_t sequences, void *dx, size_t columns);

  // Columns and pairs.
  /// y (+)= x of [rows, columns], rows `…stride` elements apart.
  void (*add_block)(const void *x, size_t x_stride, void *y, size_t y_stride, int accumulate, size_t rows,
                    size_t columns);
  void (*absolute_difference)(const void *a, const void *b, void *y, size_t n);  ///< y = |a − b|
  /// g = dy · sign(a − b), 0 where both are equal. g may be dy.
  void (*absolute_difference_backward)(const void *dy, const void *a, const void *b, void *g, size_t n);
} retort_kernels;

/// The best float table of this machine, or the named one if the machine has it. `name` may be null.
const retort_kernels *retort_kernels_float_choice(const char *name);
/// A named float table, or null where this machine cannot run it.
const retort_kernels *retort_kernels_float_named(const char *name);
const retort_kernels *retort_kernels_double(void);
