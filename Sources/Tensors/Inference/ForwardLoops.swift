import CKernels

/// Loops of a forward pass on memory that the caller owns, for inference without a graph. Matrices have dense rows.
public enum ForwardLoops {
  /// y = LayerNorm(x + residual) · weight + bias over `weight.count` columns; y may be x or residual.
  public static func layerNorm(
    _ x: UnsafePointer<Float>, residual: UnsafePointer<Float>?, weight: FlatBuffer<Float>, bias: FlatBuffer<Float>,
    epsilon: Double, into y: UnsafeMutablePointer<Float>, rows: Int
  ) {
    Kernels.float.pointee.layer_norm(
      x, residual, weight.pointer, bias.pointer, epsilon, y, nil, nil, rows, weight.count)
  }

  /// y[i] = Σ table[places[i]] over one to three tables [entries, width], in their order; places are in range.
  public static func embed(
    _ tables: [(table: FlatBuffer<Float>, places: [Int32])], width: Int, into y: UnsafeMutablePointer<Float>
  ) {
    func part(_ index: Int) -> (pointer: UnsafeMutablePointer<Float>?, places: [Int32]) {
      tables.indices.contains(index) ? (tables[index].table.pointer, tables[index].places) : (nil, [])
    }
    let (first, second, third) = (part(0), part(1), part(2))
    Kernels.float.pointee.embed(
      first.pointer, first.places, second.pointer, second.places, third.pointer, third.places, y, first.places.count,
      width)
  }

  /// y = (x + residual) · weight + bias over `weight.count` columns; y may be x or residual.
  public static func scaleShift(
    _ x: UnsafePointer<Float>, residual: UnsafePointer<Float>?, weight: FlatBuffer<Float>, bias: FlatBuffer<Float>,
    into y: UnsafeMutablePointer<Float>, rows: Int
  ) {
    let columns = weight.count
    for place in 0..<rows * columns {
      let sum = x[place] + (residual?[place] ?? 0)
      y[place] = sum * weight.pointer[place % columns] + bias.pointer[place % columns]
    }
  }

  /// y[i] = x[indices[i]], rows of `width`; indices are in range.
  public static func gatherRows(
    _ x: UnsafePointer<Float>, at indices: [Int32], width: Int, into y: UnsafeMutablePointer<Float>
  ) {
    Kernels.float.pointee.gather_rows(x, indices, y, indices.count, width)
  }

  /// Elements of scratch memory that `attend` needs.
  public static func attentionScratch(longest: Int, headSize: Int) -> Int {
    Kernels.float.pointee.attention_scratch(longest, headSize)
  }

  /// Self-attention inside each packed sequence into context [rows, heads · size].
  ///
  /// - Parameters:
  ///   - projections: [tokens, 3 · heads · size]: query, key and value side by side.
  ///   - firstOnly: each sequence has a single query: row s of `projections` holds that of sequence s, and context has
  ///     one row a sequence.
  ///   - chosen: the heads to compute; the others' columns of context are left alone.
  public static func attend(
    _ projections: UnsafePointer<Float>, heads: Int, headSize: Int, chosen: Range<Int>, offsets: [Int32],
    firstOnly: Bool,
    scratch: UnsafeMutablePointer<Float>, into context: UnsafeMutablePointer<Float>
  ) {
    let width = heads * headSize
    let start = chosen.lowerBound * headSize
    var arguments = retort_attention()
    arguments.query = UnsafeRawPointer(projections + start)
    arguments.key = UnsafeRawPointer(projections + width + start)
    arguments.value = UnsafeRawPointer(projections + 2 * width + start)
    arguments.stride = 3 * width
    arguments.sequences = offsets.count - 1
    arguments.heads = chosen.count
    arguments.size = headSize
    arguments.scale = 1 / Double(headSize).squareRoot()
    arguments.scratch = UnsafeMutableRawPointer(scratch)
    offsets.withUnsafeBufferPointer {
      arguments.offsets = $0.baseAddress
      Kernels.float.pointee.attend(&arguments, 3 * width, firstOnly ? 1 : 0, context + start, width)
    }
  }
}
