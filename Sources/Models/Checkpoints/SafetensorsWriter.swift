import Artifacts

/// A tensor on its way into a file: what it is, and where its bytes come from.
public struct StoredTensor: Sendable {
  public let name: String
  public let type: ElementType
  public let shape: [Int]
  /// Little-endian, row-major; called once, while the file is written.
  let bytes: @Sendable () throws -> [UInt8]

  /// A tensor whose bytes are made when they are written.
  public init(name: String, type: ElementType, shape: [Int], bytes: @escaping @Sendable () throws -> [UInt8]) {
    (self.name, self.type, self.shape, self.bytes) = (name, type, shape, bytes)
  }

  /// An F32 tensor.
  public init(_ name: String, shape: [Int], floats: [Float]) {
    self.init(name: name, type: .f32, shape: shape) { littleEndian(floats.count, 4) { floats[$0].bitPattern } }
  }

  /// Values rounded to nearest even into F16.
  public init(_ name: String, shape: [Int], asF16 floats: [Float]) {
    self.init(name: name, type: .f16, shape: shape) {
      littleEndian(floats.count, 2) { HalfPrecision.f16(from: floats[$0]) }
    }
  }

  /// Values rounded to nearest even into BF16.
  public init(_ name: String, shape: [Int], asBF16 floats: [Float]) {
    self.init(name: name, type: .bf16, shape: shape) {
      littleEndian(floats.count, 2) { HalfPrecision.bf16(from: floats[$0]) }
    }
  }

  /// An I8 tensor.
  public init(_ name: String, shape: [Int], int8 values: [Int8]) {
    self.init(name: name, type: .i8, shape: shape) { values.map { UInt8(bitPattern: $0) } }
  }

  /// A U8 tensor.
  public init(_ name: String, shape: [Int], uint8 values: [UInt8]) {
    self.init(name: name, type: .u8, shape: shape) { values }
  }

  /// An I32 tensor.
  public init(_ name: String, shape: [Int], int32 values: [Int32]) {
    self.init(name: name, type: .i32, shape: shape) {
      littleEndian(values.count, 4) { UInt32(bitPattern: values[$0]) }
    }
  }

  /// An I64 tensor.
  public init(_ name: String, shape: [Int], int64 values: [Int64]) {
    self.init(name: name, type: .i64, shape: shape) {
      littleEndian(values.count, 8) { UInt64(bitPattern: values[$0]) }
    }
  }

  /// A BOOL tensor.
  public init(_ name: String, shape: [Int], flags: [Bool]) {
    self.init(name: name, type: .bool, shape: shape) { flags.map { $0 ? 1 : 0 } }
  }
}

private func littleEndian<Unit: FixedWidthInteger>(_ count: Int, _ width: Int, _ unit: (Int) -> Unit) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: count * width) { buffer, initialized in
    let raw = UnsafeMutableRawBufferPointer(buffer)
    for index in 0..<count {
      raw.storeBytes(of: unit(index).littleEndian, toByteOffset: index * width, as: Unit.self)
    }
    initialized = count * width
  }
}

/// Writes safetensors files whose bytes depend on nothing but their content.
///
/// Tensors are laid out as the reference writer does: wider element types first, then by name; metadata by key.
public enum SafetensorsWriter {
  /// Writes a file, holding one tensor's bytes at a time.
  ///
  /// - Throws: `safetensors.duplicate`, `safetensors.sizeMismatch`, `file.unwritable`.
  public static func write(_ tensors: [StoredTensor], metadata: [String: String] = [:], to path: FilePath) throws {
    let (ordered, header) = try layOut(tensors, metadata: metadata)
    do {
      let descriptor = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .truncate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      try descriptor.closeAfter {
        _ = try descriptor.writeAll(header)
        for tensor in ordered { _ = try descriptor.writeAll(try checkedBytes(of: tensor)) }
      }
    } catch let error as Errno {
      throw unwritable(path.string, error)
    }
  }

  /// The bytes of such a file.
  ///
  /// - Throws: `safetensors.duplicate`, `safetensors.sizeMismatch`.
  public static func bytes(_ tensors: [StoredTensor], metadata: [String: String] = [:]) throws -> [UInt8] {
    var (ordered, bytes) = try layOut(tensors, metadata: metadata)
    for tensor in ordered { bytes += try checkedBytes(of: tensor) }
    return bytes
  }

  private static func checkedBytes(of tensor: StoredTensor) throws -> [UInt8] {
    let bytes = try tensor.bytes()
    let wanted = tensor.shape.reduce(tensor.type.bits, *) / 8
    guard bytes.count == wanted else {
      throw refusal(
        "safetensors.sizeMismatch",
        "Tensor \"\(tensor.name)\": \(tensor.type.rawValue) \(tensor.shape) needs \(wanted) bytes, not \(bytes.count).")
    }
    return bytes
  }

  private static func layOut(
    _ tensors: [StoredTensor], metadata: [String: String]
  ) throws -> (ordered: [StoredTensor], header: [UInt8]) {
    let rank = Dictionary(uniqueKeysWithValues: ElementType.allCases.enumerated().map { ($1, $0) })
    let ordered = tensors.sorted { left, right in
      let (first, second) = (rank[left.type, default: 0], rank[right.type, default: 0])
      return first == second ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8) : first > second
    }
    var members: [JSONValue.Member] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      members.append(.init("__metadata__", .object(pairs.map { .init($0.key, .string($0.value)) })))
    }
    var offset = 0
    var seen: Set<[UInt8]> = [Array("__metadata__".utf8)]
    for tensor in ordered {
      guard seen.insert(Array(tensor.name.utf8)).inserted else {
        throw refusal("safetensors.duplicate", "Two tensors are called \"\(tensor.name)\".")
      }
      let end = offset + tensor.shape.reduce(tensor.type.bits, *) / 8
      members.append(
        .init(
          tensor.name,
          .object([
            .init("dtype", .string(tensor.type.rawValue)),
            .init("shape", .array(tensor.shape.map { .number($0) })),
            .init("data_offsets", .array([.number(offset), .number(end)])),
          ])))
      offset = end
    }
    var json = Array(JSONValue.object(members).compactText.utf8)
    json += [UInt8](repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
    let length = UInt64(json.count)
    return (ordered, (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + json)
  }
}
