import CKernels

/// Memory of one shard's step: allocation moves a pointer, `reset` moves it back.
///
/// A step that needs more than there is gets a further block; at the next reset the blocks become one, so that after
/// the largest batch has been seen no step allocates.
public final class Arena {
  private var blocks: [Block] = []
  private var current = 0
  private var used = 0
  private let smallestBlock: Int
  private static let alignment = 64

  private struct Block {
    let start: UnsafeMutableRawPointer
    let size: Int
    private let memory: retort_block

    init(size: Int) {
      var memory = retort_block()
      start = retort_zeroed(size, &memory)
      (self.size, self.memory) = (size, memory)
    }

    func free() { retort_free(memory) }
  }

  public init(smallestBlock: Int = 1 << 20) { self.smallestBlock = smallestBlock }

  deinit { for block in blocks { block.free() } }

  /// Bytes held from the system.
  public var capacity: Int { blocks.reduce(0) { $0 + $1.size } }

  /// Uninitialised room for `count` elements, 64-byte aligned, valid until the next reset.
  public func allocate<Element: BitwiseCopyable>(_: Element.Type, _ count: Int) -> UnsafeMutablePointer<Element> {
    let bytes = (max(count, 1) * MemoryLayout<Element>.stride + Self.alignment - 1) / Self.alignment * Self.alignment
    while current < blocks.count, used + bytes > blocks[current].size {
      current += 1
      used = 0
    }
    if current == blocks.count {
      blocks.append(Block(size: max(bytes, smallestBlock, capacity / 2)))
      used = 0
    }
    defer { used += bytes }
    return (blocks[current].start + used).bindMemory(to: Element.self, capacity: max(count, 1))
  }

  /// Frees everything at once.
  public func reset() {
    if blocks.count > 1 {
      let total = capacity
      for block in blocks { block.free() }
      blocks = [Block(size: total)]
    }
    current = 0
    used = 0
  }
}
