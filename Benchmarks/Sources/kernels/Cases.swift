import CKernels
import Tensors

/// MiniLM's shapes: 384 wide, 1,536 inside, 12 heads; a shard of 16 sentences has about 212 tokens, one sentence 13.
enum Cases {
  private static let (hidden, wide, tokens, sentence) = (384, 1_536, 212, 13)

  static var all: [Case] { products + inference + rows + attention + updates }

  private static var kernels: retort_kernels { Kernels.float.pointee }

  /// A layer's three products in training; empty where BLAS does them.
  static var products: [Case] {
    guard let scratch = kernels.linear_scratch, let forward = kernels.linear_forward,
      let input = kernels.linear_input_gradient, let weight = kernels.linear_weight_gradient
    else { return [] }
    let (x, w, g) = (numbers(tokens * hidden), numbers(wide * hidden, 2), numbers(tokens * wide, 3))
    let (y, slopes, dx, dw) = (numbers(tokens * wide), numbers(tokens * wide), x.copy(), w.copy())
    let bias = numbers(wide)
    let room = numbers(scratch(tokens, hidden, wide))
    let work = 2 * tokens * hidden * wide
    let gelu = Int32(RETORT_GELU.rawValue)
    return [
      Case("linear + GELU, forward", work, "FLOP") {
        forward(
          x.pointer, w.pointer, bias.pointer, gelu, y.pointer, slopes.pointer, tokens, hidden, wide, room.pointer)
      },
      Case("linear, input gradient", work, "FLOP") {
        input(g.pointer, w.pointer, dx.pointer, 0, tokens, hidden, wide, room.pointer)
      },
      Case("linear, weight gradient", work, "FLOP") {
        weight(g.pointer, x.pointer, dw.pointer, 0, tokens, hidden, wide, room.pointer)
      },
    ]
  }

  static var inference: [Case] {
    let values = numbers(wide * hidden)
    let packed = PackedWeight(values.pointer, outputs: wide, inputs: hidden)
    let integers = try? PackedInt8Weight(
      values.buffer.map { Int8($0 * 250) }, scales: [Float](repeating: 0.01, count: wide), bias: nil, inputs: hidden)
    let (x, y) = (numbers(tokens * hidden), numbers(tokens * wide))
    let memory = numbers(Int8Rows.byteCount(rows: tokens, columns: hidden) / 4 + 16)
    return [sentence, tokens].flatMap { rows in
      [
        Case("packed f32, \(rows) rows", 2 * rows * hidden * wide, "FLOP") {
          packed.apply(to: x.pointer, rows: rows, bias: nil, into: y.pointer)
        },
        Case("packed int8, \(rows) rows", 2 * rows * hidden * wide, "OP") {
          let rows = Int8Rows(
            quantizing: x.pointer, rows: rows, columns: hidden, grid: .symmetric, shared: false,
            in: UnsafeMutableRawPointer(memory.pointer))
          integers?.apply(to: rows, into: y.pointer)
        },
      ]
    }
  }

  static var rows: [Case] {
    let (x, y, slopes) = (numbers(tokens * wide), numbers(tokens * wide), numbers(tokens * wide))
    let (gamma, beta, deviation) = (numbers(hidden), numbers(hidden, 2), numbers(tokens))
    let (dgamma, dbeta) = (numbers(hidden), numbers(hidden))
    let count = tokens * hidden
    var mask = retort_dropout()
    mask.rate = 0.1
    let gelu = Int32(RETORT_GELU.rawValue)
    let dropout = mask
    return [
      Case("GELU", tokens * wide, "elements") {
        kernels.bias_activation(y.pointer, nil, nil, gelu, tokens, wide)
      },
      Case("GELU with its derivative", tokens * wide, "elements") {
        kernels.bias_activation(y.pointer, nil, slopes.pointer, gelu, tokens, wide)
      },
      Case("layer norm", count, "elements") {
        kernels.layer_norm(
          x.pointer, nil, gamma.pointer, beta.pointer, 1e-12, y.pointer, slopes.pointer, deviation.pointer, tokens,
          hidden)
      },
      Case("layer norm, gradient", count, "elements") {
        kernels.layer_norm_backward(
          x.pointer, slopes.pointer, deviation.pointer, gamma.pointer, y.pointer, 0, dgamma.pointer, dbeta.pointer,
          tokens, hidden)
      },
      Case("dropout", count, "elements") {
        withUnsafePointer(to: dropout) { kernels.dropout(y.pointer, $0, tokens, hidden) }
      },
    ]
  }

  static var attention: [Case] {
    let sequences = 16
    let offsets = (0...sequences).map { Int32($0 * sentence) }
    let count = sequences * sentence
    let (projections, gradients) = (numbers(count * 3 * hidden), numbers(count * 3 * hidden))
    let (context, probabilities) = (numbers(count * hidden), numbers(12 * sequences * sentence * sentence))
    let room = numbers(kernels.attention_scratch(sentence, 32))
    func arguments(_ body: (inout retort_attention) -> Void) {
      var a = retort_attention()
      a.query = UnsafeRawPointer(projections.pointer)
      a.key = UnsafeRawPointer(projections.pointer + hidden)
      a.value = UnsafeRawPointer(projections.pointer + 2 * hidden)
      (a.stride, a.sequences, a.heads, a.size) = (3 * hidden, sequences, 12, 32)
      a.scale = 0.176_776_695
      a.scratch = UnsafeMutableRawPointer(room.pointer)
      offsets.withUnsafeBufferPointer {
        a.offsets = $0.baseAddress
        body(&a)
      }
    }
    return [
      Case("attention", count * hidden, "elements") {
        arguments { kernels.attention(&$0, context.pointer, probabilities.pointer, nil) }
      },
      Case("attention, gradient", count * hidden, "elements") {
        arguments {
          kernels.attention_backward(
            &$0, context.pointer, probabilities.pointer, nil, nil, gradients.pointer, gradients.pointer + hidden,
            gradients.pointer + 2 * hidden, 0)
        }
      },
    ]
  }

  /// On 4 MB a buffer, as a sweep's blocks come from the last-level cache.
  static var updates: [Case] {
    let count = 1 << 20
    let (values, gradients, first, second) = (
      numbers(count), numbers(count, 2), numbers(count, 3), FlatBuffer<Float>(count: count)
    )
    let moments = AdamWMoments()
    let step = moments.step(9, learningRate: 1e-5)
    let idle = [AdamWStep](repeating: step, count: 64)
    // A run does not keep its buffers alive, so it is made where they are.
    func run(_ range: Range<Int>) -> AdamWRun<Float> {
      AdamWRun(range, values: values, first: first, second: second)
    }
    return [
      Case("AdamW", count, "elements") { run(0..<count).update(gradients.pointer, step, moments) },
      Case("AdamW, 64 steps of a row that rests", 64 * hidden, "elements") { run(0..<hidden).idle(idle[...], moments) },
      Case("squared norm", count, "elements") { _ = gradients.squaredNorm() },
    ]
  }
}
