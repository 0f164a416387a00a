import Artifacts

/// Reads tensors of a safetensors file, one at a time, into memory that the caller owns.
///
/// Nothing is mapped: a file that another process cuts short becomes an error, not a bus error.
public final class SafetensorsFile: Sendable {
  public let header: SafetensorsHeader
  /// What the file is called in errors.
  public let name: String
  private let source: Source

  private enum Source: Sendable {
    case descriptor(FileDescriptor)
    case bytes([UInt8])
  }

  /// Opens a file and checks its header and size.
  ///
  /// - Throws: `file.unreadable`, and what `SafetensorsHeader` refuses.
  public init(at path: FilePath) throws {
    name = path.string
    let descriptor = try FileDescriptor.opening(path)
    do {
      let size = Int(try descriptor.seek(offset: 0, from: .end))
      let prefix = try descriptor.bytes(at: 0, count: min(8, size), file: path.string)
      let length = try SafetensorsHeader.length(prefix: prefix, fileSize: size, file: path.string)
      let json = try descriptor.bytes(at: 8, count: length, file: path.string)
      header = try json.withUnsafeBytes { try SafetensorsHeader(json: $0, fileSize: size, file: path.string) }
      source = .descriptor(descriptor)
    } catch {
      try? descriptor.close()
      throw (error as? Errno).map { unreadable(path.string, $0) } ?? error
    }
  }

  /// Reads a file that already lies in memory.
  ///
  /// - Throws: What `SafetensorsHeader` refuses.
  public init(bytes: [UInt8], name: String = "memory") throws {
    let length = try SafetensorsHeader.length(prefix: Array(bytes.prefix(8)), fileSize: bytes.count, file: name)
    header = try bytes.withUnsafeBytes {
      try SafetensorsHeader(json: .init(rebasing: $0[8..<8 + length]), fileSize: bytes.count, file: name)
    }
    self.name = name
    source = .bytes(bytes)
  }

  deinit {
    if case .descriptor(let descriptor) = source { try? descriptor.close() }
  }

  /// The tensors' names in the order of their bytes.
  public var names: [String] { header.entries.map(\.name) }

  /// The description of a tensor that must be there.
  ///
  /// - Throws: `safetensors.missing`.
  public func entry(_ name: String) throws -> SafetensorsHeader.Entry {
    guard let entry = header[name] else {
      throw refusal("safetensors.missing", "It has no tensor \"\(name)\".", at: self.name)
    }
    return entry
  }

  /// The bytes of a tensor as they lie in the file.
  ///
  /// - Throws: `safetensors.missing`, `file.unreadable`.
  public func bytes(_ name: String) throws -> [UInt8] {
    let entry = try entry(name)
    return try [UInt8](unsafeUninitializedCapacity: entry.range.count) { buffer, count in
      try read(entry.range, into: UnsafeMutableRawBufferPointer(buffer))
      count = entry.range.count
    }
  }

  /// Fills memory with a range of the file.
  func read(_ range: Range<Int>, into target: UnsafeMutableRawBufferPointer) throws {
    switch source {
    case .descriptor(let descriptor): try descriptor.fill(target, from: range.lowerBound, file: name)
    case .bytes(let bytes): bytes.withUnsafeBytes { target.copyMemory(from: .init(rebasing: $0[range])) }
    }
  }
}

extension SafetensorsFile {
  /// A real tensor (F32, F16, BF16, F64) as `Float`, in row-major order.
  ///
  /// - Throws: `safetensors.missing`, `safetensors.notReal`, `file.unreadable`.
  public func floats(_ name: String) throws -> [Float] {
    let entry = try entry(name)
    return try [Float](unsafeUninitializedCapacity: entry.count) { buffer, count in
      try readFloats(name, into: .init(rebasing: buffer[0..<entry.count]))
      count = entry.count
    }
  }

  /// Fills memory of exactly the tensor's count with its values as `Float`.
  ///
  /// - Throws: `safetensors.missing`, `safetensors.notReal`, `safetensors.sizeMismatch`, `file.unreadable`.
  public func readFloats(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws {
    let entry = try entry(name)
    guard target.count == entry.count else {
      throw refusal(
        "safetensors.sizeMismatch",
        "Tensor \"\(name)\" \(entry.shape) has \(entry.count) elements where \(target.count) are wanted.", at: self.name
      )
    }
    switch entry.type {
    case .f32:
      try read(entry.range, into: .init(target))
      #if _endian(big)
        for index in target.indices { target[index] = .init(bitPattern: target[index].bitPattern.byteSwapped) }
      #endif
    case .f16: try convert(entry, from: UInt16.self, into: target) { HalfPrecision.float(fromF16: $0) }
    case .bf16: try convert(entry, from: UInt16.self, into: target) { HalfPrecision.float(fromBF16: $0) }
    case .f64: try convert(entry, from: UInt64.self, into: target) { Float(Double(bitPattern: $0)) }
    default:
      throw refusal(
        "safetensors.notReal", "Tensor \"\(name)\" holds \(entry.type.rawValue) where real numbers are wanted.",
        at: self.name)
    }
  }

  /// An integer or truth tensor (I64, I32, I16, I8, U32, U16, U8, BOOL), in row-major order.
  ///
  /// - Throws: `safetensors.missing`, `safetensors.notInteger`, `file.unreadable`.
  public func integers(_ name: String) throws -> [Int] {
    let entry = try entry(name)
    return try [Int](unsafeUninitializedCapacity: entry.count) { buffer, count in
      let target = UnsafeMutableBufferPointer(rebasing: buffer[0..<entry.count])
      switch entry.type {
      case .i64: try convert(entry, from: UInt64.self, into: target) { Int(Int64(bitPattern: $0)) }
      case .i32: try convert(entry, from: UInt32.self, into: target) { Int(Int32(bitPattern: $0)) }
      case .u32: try convert(entry, from: UInt32.self, into: target) { Int($0) }
      case .i16: try convert(entry, from: UInt16.self, into: target) { Int(Int16(bitPattern: $0)) }
      case .u16: try convert(entry, from: UInt16.self, into: target) { Int($0) }
      case .i8: try convert(entry, from: UInt8.self, into: target) { Int(Int8(bitPattern: $0)) }
      case .u8, .bool: try convert(entry, from: UInt8.self, into: target) { Int($0) }
      default:
        throw refusal(
          "safetensors.notInteger", "Tensor \"\(name)\" holds \(entry.type.rawValue) where integers are wanted.",
          at: self.name)
      }
      count = entry.count
    }
  }

  /// Reads pieces of at most 64 KiB and turns each stored unit into an element.
  private func convert<Unit: FixedWidthInteger, Element>(
    _ entry: SafetensorsHeader.Entry, from unit: Unit.Type, into target: UnsafeMutableBufferPointer<Element>,
    _ element: (Unit) -> Element
  ) throws {
    let width = MemoryLayout<Unit>.size
    let step = 65_536 / width
    try withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { scratch in
      var done = 0
      while done < target.count {
        let count = min(step, target.count - done)
        let start = entry.range.lowerBound + done * width
        let piece = UnsafeMutableRawBufferPointer(rebasing: scratch[0..<count * width])
        try read(start..<start + count * width, into: piece)
        for index in 0..<count {
          let unit = Unit(littleEndian: piece.loadUnaligned(fromByteOffset: index * width, as: Unit.self))
          target[done + index] = element(unit)
        }
        done += count
      }
    }
  }
}
