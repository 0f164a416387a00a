/// A trie over bytes whose edges lie in one open-addressing table: a step is one probe.
struct ByteTrie: Sendable {
  /// Node numbers share a 32-bit key with a byte.
  static let largest = 1 << 24

  /// `key << 32 | child`, where key = node << 8 | byte; 0 marks a free slot, for no edge leads to the root.
  private(set) var slots: [UInt64]
  /// The value stored at a node, or −1.
  private(set) var values: [Int32] = [-1]
  private var edges = 0

  init(expecting count: Int) {
    slots = [UInt64](repeating: 0, count: Self.capacity(count * 8))
  }

  private static func capacity(_ edges: Int) -> Int {
    var capacity = 256
    while capacity < edges { capacity *= 2 }
    return capacity
  }

  /// Stores a value, unless the bytes have one: then that is returned.
  mutating func insert(_ bytes: some Sequence<UInt8>, value: Int32) -> Int32? {
    var node: UInt32 = 0
    for byte in bytes { node = descend(node, byte) }
    if values[Int(node)] >= 0 { return values[Int(node)] }
    values[Int(node)] = value
    return nil
  }

  private mutating func descend(_ node: UInt32, _ byte: UInt8) -> UInt32 {
    if (edges + 1) * 2 > slots.count { grow() }
    let key = node << 8 | UInt32(byte)
    var slot = Self.slot(key, slots.count)
    while slots[slot] != 0 {
      if UInt32(truncatingIfNeeded: slots[slot] >> 32) == key { return UInt32(truncatingIfNeeded: slots[slot]) }
      slot = (slot + 1) & (slots.count - 1)
    }
    let child = UInt32(values.count)
    values.append(-1)
    slots[slot] = UInt64(key) << 32 | UInt64(child)
    edges += 1
    return child
  }

  private mutating func grow() {
    var wider = [UInt64](repeating: 0, count: slots.count * 2)
    for entry in slots where entry != 0 {
      var slot = Self.slot(UInt32(truncatingIfNeeded: entry >> 32), wider.count)
      while wider[slot] != 0 { slot = (slot + 1) & (wider.count - 1) }
      wider[slot] = entry
    }
    slots = wider
  }

  @inline(__always)
  private static func slot(_ key: UInt32, _ capacity: Int) -> Int {
    Int(truncatingIfNeeded: (UInt64(key) &* 0x9E37_79B9_7F4A_7C15) >> 32) & (capacity - 1)
  }

  /// The node that bytes lead to, or nil.
  func node(of bytes: some Sequence<UInt8>) -> UInt32? {
    slots.withUnsafeBufferPointer { slots in
      var node: UInt32 = 0
      for byte in bytes {
        node = Self.child(of: node, byte, in: slots)
        if node == 0 { return nil }
      }
      return node
    }
  }

  func value(of bytes: some Sequence<UInt8>) -> Int32? {
    node(of: bytes).flatMap { values[Int($0)] >= 0 ? values[Int($0)] : nil }
  }

  /// The next node, or 0.
  @inline(__always)
  static func child(of node: UInt32, _ byte: UInt8, in slots: UnsafeBufferPointer<UInt64>) -> UInt32 {
    let key = node << 8 | UInt32(byte)
    var slot = slot(key, slots.count)
    while true {
      let entry = slots[slot]
      if entry == 0 { return 0 }
      if UInt32(truncatingIfNeeded: entry >> 32) == key { return UInt32(truncatingIfNeeded: entry) }
      slot = (slot + 1) & (slots.count - 1)
    }
  }
}
