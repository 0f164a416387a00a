import Foundation

@testable import Models

/// A tensor of a graph. Numbers are kept as `Double` whatever their type, and rounded to it.
struct GraphValue: Equatable {
  var type: ONNXTensorProto.DataType
  var shape: [Int]
  var numbers: [Double]

  init(_ type: ONNXTensorProto.DataType, _ shape: [Int], _ numbers: [Double]) {
    (self.type, self.shape, self.numbers) = (type, shape, numbers.map { Self.rounded($0, to: type) })
  }

  /// Reads a stored tensor.
  init(_ tensor: ONNXTensorProto) throws {
    let type = ONNXTensorProto.DataType(rawValue: Int(tensor.dataType)) ?? .undefined
    let bytes = [UInt8](tensor.rawData)
    func numbers<Unit: FixedWidthInteger>(_: Unit.Type, _ number: (Unit) -> Double) -> [Double] {
      let width = Unit.bitWidth / 8
      return stride(from: 0, to: bytes.count - width + 1, by: width).map { start in
        number((0..<width).reduce(0) { $0 | Unit(truncatingIfNeeded: bytes[start + $1]) << Unit(8 * $1) })
      }
    }
    let values: [Double]
    switch type {
    case .float: values = numbers(UInt32.self) { Double(Float(bitPattern: $0)) }
    case .int64: values = numbers(Int64.self) { Double($0) }
    case .int32: values = numbers(Int32.self) { Double($0) }
    case .int8: values = bytes.map { Double(Int8(bitPattern: $0)) }
    case .uint8: values = bytes.map { Double($0) }
    default: throw GraphFault("a tensor of type \(type)")
    }
    self.init(type, tensor.dims.map(Int.init), values)
    guard values.count == count else { throw GraphFault("\(tensor.name) holds \(values.count) numbers, not \(count)") }
  }

  var count: Int { shape.reduce(1, *) }
  var isReal: Bool { type == .float }
  var integers: [Int] { numbers.map { Int($0) } }

  static func rounded(_ number: Double, to type: ONNXTensorProto.DataType) -> Double {
    type == .float ? Double(Float(number)) : number
  }

  /// An axis as it was given: negative ones count from the end.
  func axis(_ axis: Int) -> Int { axis < 0 ? axis + shape.count : axis }

  /// How many numbers lie before an axis, and in one of its steps.
  func extents(around axis: Int) -> (outer: Int, inner: Int) {
    (shape[..<axis].reduce(1, *), shape[(axis + 1)...].reduce(1, *))
  }

  /// The rows along an axis, each changed by itself.
  func mappingRows(along axis: Int, _ change: ([Double]) -> [Double]) -> GraphValue {
    let (outer, inner) = extents(around: axis)
    let length = shape[axis]
    var result = numbers
    for first in 0..<outer {
      for last in 0..<inner {
        let places = (0..<length).map { (first * length + $0) * inner + last }
        for (place, number) in zip(places, change(places.map { numbers[$0] })) { result[place] = number }
      }
    }
    return GraphValue(type, shape, result)
  }

  /// A shape to which both can be stretched, and the place of each of its elements in this one.
  static func common(_ left: [Int], _ right: [Int]) throws -> [Int] {
    let rank = max(left.count, right.count)
    return try (0..<rank).map { index in
      let a = index < rank - left.count ? 1 : left[index - (rank - left.count)]
      let b = index < rank - right.count ? 1 : right[index - (rank - right.count)]
      guard a == b || a == 1 || b == 1 else { throw GraphFault("\(left) and \(right) do not go together") }
      return a == 1 ? b : a
    }
  }

  /// The place here of each element of a larger shape.
  func places(in larger: [Int]) -> [Int] {
    var places = [0]
    let missing = larger.count - shape.count
    for (index, size) in larger.enumerated() {
      let own = index < missing ? 1 : shape[index - missing]
      places = places.flatMap { place in (0..<size).map { place * own + (own == 1 ? 0 : $0) } }
    }
    return places
  }

  /// Combines elements; `Float` arithmetic for real numbers.
  func combined(with other: GraphValue, _ operation: (Float, Float) -> Float) throws -> GraphValue {
    let shape = try Self.common(self.shape, other.shape)
    guard type == other.type else { throw GraphFault("types \(type) and \(other.type) are combined") }
    let numbers = zip(places(in: shape), other.places(in: shape)).map { a, b in
      Double(operation(Float(self.numbers[a]), Float(other.numbers[b])))
    }
    return GraphValue(type, shape, numbers)
  }

  func mapped(_ operation: (Double) -> Double) -> GraphValue { GraphValue(type, shape, numbers.map(operation)) }
}

/// Something in a graph that the format or this interpreter does not have.
struct GraphFault: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
