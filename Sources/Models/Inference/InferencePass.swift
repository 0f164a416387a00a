import Tensors

/// One pass over a piece of a batch on one thread.
struct InferencePass {
  let model: InferenceModel
  let batch: PackedBatch
  let workspace: Workspace

  private var hidden: Int { model.configuration.hiddenSize }

  /// The last block's output: [tokens, hidden], or [sequences, hidden], the rows of one token of each sequence.
  ///
  /// With `rows` the last block computes queries, feed-forward and norms for those rows alone.
  ///
  /// - Parameter rows: a row of each sequence, in their order; nil for all.
  func encode(at rows: [Int32]? = nil) -> UnsafeMutablePointer<Float> {
    let tokens = batch.tokenCount
    let widest = model.blocks.map { $0.keyValue.outputs / 2 }.max() ?? 0
    let states = workspace.floats(tokens * hidden)
    let memory = BlockMemory(
      projections: workspace.floats(tokens * 3 * widest), context: workspace.floats(tokens * widest),
      middle: workspace.floats(tokens * hidden),
      wide: workspace.floats(tokens * (model.blocks.map(\.wide.outputs).max() ?? 0)),
      attention: workspace.floats(attentionScratch))
    model.embeddings.embed(batch, into: states)
    model.embeddingNorm.run(states, nil, into: states, rows: tokens)
    for (index, block) in model.blocks.enumerated() {
      run(block, on: states, memory, at: index == model.blocks.count - 1 ? rows : nil)
    }
    return states
  }

  private struct BlockMemory {
    let projections, context, middle, wide, attention: UnsafeMutablePointer<Float>
  }

  private var attentionScratch: Int {
    let longest = zip(batch.offsets.dropFirst(), batch.offsets).map { Int($0 - $1) }.max() ?? 0
    return ForwardLoops.attentionScratch(longest: longest, headSize: model.configuration.headSize)
  }

  /// Replaces the states by the block's output.
  private func run(
    _ block: InferenceBlock, on states: UnsafeMutablePointer<Float>, _ memory: BlockMemory, at chosen: [Int32]?
  ) {
    let tokens = batch.tokenCount
    let rows = chosen?.count ?? tokens
    let width = block.query.outputs
    let prepared = block.keyValue.prepare(states, rows: tokens, in: workspace)
    block.keyValue.run(prepared, .identity, into: memory.projections + width, stride: 3 * width)
    if let chosen {
      // Queries of the chosen tokens alone go where the first tokens' would be: row s instead of row offsets[s].
      ForwardLoops.gatherRows(states, at: chosen, width: hidden, into: memory.middle)
      states.update(from: memory.middle, count: rows * hidden)
      let first = block.query.prepare(states, rows: rows, in: workspace)
      block.query.run(first, .identity, into: memory.projections, stride: 3 * width)
    } else {
      block.query.run(prepared, .identity, into: memory.projections, stride: 3 * width)
    }
    ForwardLoops.attend(
      memory.projections, heads: block.heads, headSize: block.headSize, offsets: batch.offsets,
      firstOnly: chosen != nil,
      scratch: memory.attention, into: memory.context)
    block.attended(memory.context, rows: rows, into: memory.middle, in: workspace)
    block.attentionNorm.run(memory.middle, states, into: memory.middle, rows: rows)
    block.wide(memory.middle, rows: rows, activation, into: memory.wide, in: workspace)
    block.narrow(memory.wide, rows: rows, into: states, in: workspace)
    block.outputNorm.run(states, memory.middle, into: states, rows: rows)
  }

  var activation: Activation { Activation(hiddenActivation: model.configuration.activation) ?? .gelu }
}
