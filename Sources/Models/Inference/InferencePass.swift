import Tensors

/// One pass over a piece of a batch, on one thread or by a crew.
struct InferencePass {
  let model: InferenceModel
  let batch: PackedBatch
  let workspace: Workspace
  /// Who computes it.
  let crew: Crew

  private var hidden: Int { model.configuration.hiddenSize }
  var activation: Activation { Activation(hiddenActivation: model.configuration.activation) ?? .gelu }

  /// The last block's output: [tokens, hidden], or [sequences, hidden], the rows of one token of each sequence.
  ///
  /// With `rows` the last block computes queries, feed-forward and norms for those rows alone.
  ///
  /// - Parameter rows: a row of each sequence, in their order; nil for all.
  func encode(at rows: [Int32]? = nil) throws -> UnsafeMutablePointer<Float> {
    if !model.bottlenecks.isEmpty { return encodeNarrowly(model.bottlenecks, at: rows) }
    let tokens = batch.tokenCount
    let widest = model.blocks.map { $0.keyValue.outputs / 2 }.max() ?? 0
    let memory = PassMemory(
      states: workspace.floats(tokens * hidden), projections: workspace.floats(tokens * 3 * widest),
      context: workspace.floats(tokens * widest),
      middle: workspace.floats(tokens * max(hidden, model.configuration.embeddingWidth)),
      wide: workspace.floats(tokens * (model.blocks.map(\.wide.outputs).max() ?? 0)))
    try crew.run(workspace) { member in
      let scratch = member.workspace.floats(attentionScratch)
      let embedded = model.mapping == nil ? memory.states : memory.middle
      member.alone { model.embeddings.embed(batch, into: embedded) }
      model.embeddingNorm.share(embedded, nil, into: embedded, rows: tokens, by: member)
      model.mapping?.share(embedded, rows: tokens, into: memory.states, by: member)
      for (index, block) in model.blocks.enumerated() {
        run(block, memory, scratch, at: index == model.blocks.count - 1 ? rows : nil, by: member)
      }
    }
    return memory.states
  }

  /// What the members of a crew share.
  private struct PassMemory {
    let states, projections, context, middle, wide: UnsafeMutablePointer<Float>
  }

  var attentionScratch: Int {
    let longest = zip(batch.offsets.dropFirst(), batch.offsets).map { Int($0 - $1) }.max() ?? 0
    return ForwardLoops.attentionScratch(longest: longest, headSize: model.configuration.headSize)
  }

  /// Replaces the states by the block's output.
  private func run(
    _ block: InferenceBlock, _ memory: PassMemory, _ scratch: UnsafeMutablePointer<Float>, at chosen: [Int32]?,
    by member: CrewMember
  ) {
    let tokens = batch.tokenCount
    let rows = chosen?.count ?? tokens
    let width = block.query.outputs
    let states = memory.states
    let prepared = block.keyValue.prepare(states, rows: tokens, in: member.workspace)
    block.keyValue.share(prepared, into: memory.projections + width, stride: 3 * width, by: member)
    if let chosen {
      // Queries of the chosen tokens alone go where the first tokens' would be: row s instead of row offsets[s].
      member.meet()
      member.alone {
        ForwardLoops.gatherRows(states, at: chosen, width: hidden, into: memory.middle)
        states.update(from: memory.middle, count: rows * hidden)
      }
      let first = block.query.prepare(states, rows: rows, in: member.workspace)
      block.query.share(first, into: memory.projections, stride: 3 * width, by: member)
    } else {
      block.query.share(prepared, into: memory.projections, stride: 3 * width, by: member)
    }
    member.meet()
    ForwardLoops.attend(
      memory.projections, heads: block.heads, headSize: block.headSize, chosen: member.share(of: block.heads),
      offsets: batch.offsets, firstOnly: chosen != nil, scratch: scratch, into: memory.context)
    member.meet()
    block.attended.share(memory.context, rows: rows, into: memory.middle, by: member)
    block.attentionNorm.share(memory.middle, states, into: memory.middle, rows: rows, by: member)
    block.wide.share(memory.middle, rows: rows, activation, into: memory.wide, by: member)
    block.narrow.share(memory.wide, rows: rows, into: states, by: member)
    block.outputNorm.share(states, memory.middle, into: states, rows: rows, by: member)
  }
}
