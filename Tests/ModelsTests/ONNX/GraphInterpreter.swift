import Foundation
import SwiftProtobuf

@testable import Models

/// Computes the graphs of ONNX files by the definitions of their operators: slowly, and without knowing how they were made.
struct GraphInterpreter {
  let model: ONNXModelProto

  init(_ bytes: [UInt8]) throws { model = try ONNXModelProto(serializedBytes: bytes) }

  /// The graph's outputs by name.
  ///
  /// - Parameter watch: sees each operator with its inputs.
  func run(
    _ inputs: [String: GraphValue], watch: (Operator, [GraphValue?]) -> Void = { _, _ in }
  ) throws -> [String: GraphValue] {
    var values = inputs
    for tensor in model.graph.initializer { values[tensor.name] = try GraphValue(tensor) }
    for node in model.graph.node {
      let arguments = try node.input.map { name -> GraphValue? in
        if name.isEmpty { return nil }
        guard let value = values[name] else { throw GraphFault("\(node.name) takes “\(name)” before it is there") }
        return value
      }
      do {
        let operation = Operator(node)
        watch(operation, arguments)
        let results = try operation.results(of: arguments)
        guard results.count >= node.output.count else { throw GraphFault("it gives \(results.count) outputs") }
        for (name, result) in zip(node.output, results) { values[name] = result }
      } catch {
        throw GraphFault("\(node.opType) \(node.name): \(error)")
      }
    }
    return try model.graph.output.reduce(into: [:]) { outputs, output in
      guard let value = values[output.name] else { throw GraphFault("no output “\(output.name)”") }
      outputs[output.name] = value
    }
  }
}

/// One operator with its attributes.
struct Operator {
  let name: String
  private let attributes: [String: ONNXAttributeProto]
  let outputs: Int

  init(_ node: ONNXNodeProto) {
    name = node.opType
    attributes = Dictionary(uniqueKeysWithValues: node.attribute.map { ($0.name, $0) })
    outputs = node.output.count
  }

  func integer(_ name: String, _ standard: Int) -> Int { attributes[name].map { Int($0.i) } ?? standard }
  func integers(_ name: String) -> [Int]? { attributes[name].map { $0.ints.map(Int.init) } }
  func float(_ name: String, _ standard: Float) -> Float { attributes[name]?.f ?? standard }

  func results(of inputs: [GraphValue?]) throws -> [GraphValue] {
    func input(_ index: Int) throws -> GraphValue {
      guard index < inputs.count, let value = inputs[index] else { throw GraphFault("input \(index) is missing") }
      return value
    }
    func optional(_ index: Int) -> GraphValue? { index < inputs.count ? inputs[index] : nil }
    let x = try input(0)
    switch name {
    case "Identity": return [x]
    case "Add": return [try x.combined(with: input(1), +)]
    case "Sub": return [try x.combined(with: input(1), -)]
    case "Mul": return [try x.combined(with: input(1), *)]
    case "Div": return [try x.combined(with: input(1), /)]
    case "Min": return [try x.combined(with: input(1)) { min($0, $1) }]
    case "Max": return [try x.combined(with: input(1)) { max($0, $1) }]
    case "Abs": return [x.mapped { abs($0) }]
    case "Neg": return [x.mapped { -$0 }]
    case "Reciprocal": return [x.mapped { Double(1 / Float($0)) }]
    case "Round": return [x.mapped { $0.rounded(.toNearestOrEven) }]
    case "Erf": return [x.mapped { erf($0) }]
    case "Tanh": return [x.mapped { tanh($0) }]
    case "Relu": return [x.mapped { max($0, 0) }]
    case "Gelu": return [x.mapped { $0 * (1 + erf($0 / 2.0.squareRoot())) / 2 }]
    case "Clip": return [clip(x, optional(1), optional(2))]
    case "Cast": return [try cast(x)]
    case "Shape":
      let range = integer("start", 0)..<integer("end", x.shape.count)
      return [GraphValue(.int64, [range.count], x.shape[range].map(Double.init))]
    case "Reshape": return [try reshape(x, to: input(1).integers)]
    case "Squeeze", "Unsqueeze": return [try changeRank(x, input(1).integers)]
    case "Transpose": return [transpose(x, integers("perm") ?? Array(x.shape.indices.reversed()))]
    case "Gather": return [try gather(x, input(1))]
    case "Slice": return [try slice(x, input(1).integers, input(2).integers, optional(3)?.integers)]
    case "Concat": return [concatenate(inputs.compactMap(\.self))]
    case "Pad": return [pad(x, try input(1).integers)]
    case "Split": return try split(x, input(1).integers)
    case "Softmax": return [softmax(x)]
    case "ReduceMax": return [reduce(x, optional(1)?.integers) { $0.max() ?? -.infinity }]
    case "ReduceMin": return [reduce(x, optional(1)?.integers) { $0.min() ?? .infinity }]
    case "LayerNormalization": return try normalize(x, input(1), optional(2))
    case "MatMul": return [try multiply(x, input(1), .float)]
    case "MatMulInteger":
      let left = try shifted(x, by: optional(2), axis: x.shape.count - 2)
      let right = try shifted(input(1), by: optional(3), axis: input(1).shape.count - 1)
      return [try multiply(left, right, .int32)]
    case "QuantizeLinear": return [try quantize(x, input(1), optional(2))]
    case "DequantizeLinear": return [try dequantize(x, input(1), optional(2))]
    case "DynamicQuantizeLinear": return dynamicQuantize(x)
    default: throw GraphFault("no such operator")
    }
  }
}

// MARK: Shapes

extension Operator {
  private func reshape(_ x: GraphValue, to wanted: [Int]) throws -> GraphValue {
    var shape = wanted.enumerated().map { $1 == 0 ? x.shape[$0] : $1 }
    if let open = shape.firstIndex(of: -1) { shape[open] = x.count / -shape.reduce(1, *) }
    guard shape.reduce(1, *) == x.count else { throw GraphFault("\(x.shape) as \(wanted)") }
    return GraphValue(x.type, shape, x.numbers)
  }

  private func changeRank(_ x: GraphValue, _ axes: [Int]) throws -> GraphValue {
    var shape = x.shape
    for axis in axes {
      if name == "Unsqueeze" {
        shape.insert(1, at: axis)
      } else if shape.remove(at: axis < 0 ? axis + x.shape.count : axis) != 1 {
        throw GraphFault("axis \(axis) of \(x.shape) is not 1")
      }
    }
    return GraphValue(x.type, shape, x.numbers)
  }

  private func transpose(_ x: GraphValue, _ order: [Int]) -> GraphValue {
    var steps = [Int](repeating: 1, count: x.shape.count)
    for axis in x.shape.indices.dropLast().reversed() { steps[axis] = steps[axis + 1] * x.shape[axis + 1] }
    var places = [0]
    for axis in order { places = places.flatMap { place in (0..<x.shape[axis]).map { place + $0 * steps[axis] } } }
    return GraphValue(x.type, order.map { x.shape[$0] }, places.map { x.numbers[$0] })
  }

  private func gather(_ x: GraphValue, _ indices: GraphValue) throws -> GraphValue {
    let axis = x.axis(integer("axis", 0))
    let (outer, inner) = x.extents(around: axis)
    let length = x.shape[axis]
    var numbers: [Double] = []
    for first in 0..<outer {
      for index in indices.integers {
        let row = index < 0 ? index + length : index
        guard (0..<length).contains(row) else { throw GraphFault("index \(index) of \(length)") }
        let start = (first * length + row) * inner
        numbers += x.numbers[start..<start + inner]
      }
    }
    return GraphValue(x.type, Array(x.shape[..<axis]) + indices.shape + x.shape[(axis + 1)...], numbers)
  }

  private func slice(_ x: GraphValue, _ starts: [Int], _ ends: [Int], _ axes: [Int]?) throws -> GraphValue {
    var result = x
    for (index, (start, end)) in zip(starts, ends).enumerated() {
      let axis = x.axis(axes?[index] ?? index)
      let rows = Swift.min(start, result.shape[axis])..<Swift.min(end, result.shape[axis])
      result = part(result, axis, rows)
    }
    return result
  }

  private func split(_ x: GraphValue, _ sizes: [Int]) throws -> [GraphValue] {
    let axis = x.axis(integer("axis", 0))
    guard sizes.reduce(0, +) == x.shape[axis] else { throw GraphFault("\(x.shape) into \(sizes)") }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return part(x, axis, start..<start + size)
    }
  }

  private func concatenate(_ parts: [GraphValue]) -> GraphValue {
    let axis = parts[0].axis(integer("axis", 0))
    let (outer, _) = parts[0].extents(around: axis)
    var shape = parts[0].shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    let numbers = (0..<outer).flatMap { first in
      parts.flatMap { part in
        let count = part.count / outer
        return part.numbers[first * count..<(first + 1) * count]
      }
    }
    return GraphValue(parts[0].type, shape, numbers)
  }

  /// Zeros at both ends of each axis; a negative number takes rows away.
  private func pad(_ x: GraphValue, _ pads: [Int]) -> GraphValue {
    var result = x
    for axis in x.shape.indices {
      let (before, after) = (pads[axis], pads[axis + x.shape.count])
      let length = result.shape[axis]
      result = part(result, axis, Swift.max(0, -before)..<length - Swift.max(0, -after))
      let (outer, inner) = result.extents(around: axis)
      let count = result.shape[axis] * inner
      let zeros = [before, after].map { [Double](repeating: 0, count: Swift.max(0, $0) * inner) }
      let numbers = (0..<outer).flatMap { zeros[0] + result.numbers[$0 * count..<($0 + 1) * count] + zeros[1] }
      result.shape[axis] += Swift.max(0, before) + Swift.max(0, after)
      result = GraphValue(x.type, result.shape, numbers)
    }
    return result
  }

  private func part(_ x: GraphValue, _ axis: Int, _ rows: Range<Int>) -> GraphValue {
    let (outer, inner) = x.extents(around: axis)
    var shape = x.shape
    shape[axis] = rows.count
    let numbers = (0..<outer).flatMap { first in
      let start = first * x.shape[axis]
      return x.numbers[(start + rows.lowerBound) * inner..<(start + rows.upperBound) * inner]
    }
    return GraphValue(x.type, shape, numbers)
  }
}

// MARK: Real numbers

extension Operator {
  private func clip(_ x: GraphValue, _ low: GraphValue?, _ high: GraphValue?) -> GraphValue {
    x.mapped { number in
      Swift.min(Swift.max(number, low?.numbers[0] ?? -.infinity), high?.numbers[0] ?? .infinity)
    }
  }

  private func softmax(_ x: GraphValue) -> GraphValue {
    x.mappingRows(along: x.axis(integer("axis", -1))) { row in
      let most = row.max() ?? 0
      let powers = row.map { exp($0 - most) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }

  private func reduce(_ x: GraphValue, _ axes: [Int]?, _ combine: ([Double]) -> Double) -> GraphValue {
    let keeps = integer("keepdims", 1) == 1
    guard let axes else {
      return GraphValue(x.type, keeps ? x.shape.map { _ in 1 } : [], [combine(x.numbers)])
    }
    var result = x
    for axis in axes.map(x.axis).sorted(by: >) {
      let spread = result.mappingRows(along: axis) { row in row.map { _ in combine(row) } }
      result = part(spread, axis, 0..<1)
      if !keeps { result.shape.remove(at: axis) }
    }
    return result
  }

  /// Output, means and inverse deviations.
  private func normalize(_ x: GraphValue, _ scale: GraphValue, _ bias: GraphValue?) throws -> [GraphValue] {
    let axis = x.axis(integer("axis", -1))
    let width = x.shape[axis...].reduce(1, *)
    let (scales, biases) = (scale.places(in: Array(x.shape[axis...])), bias?.places(in: Array(x.shape[axis...])))
    var (numbers, means, inverses): ([Double], [Double], [Double]) = ([], [], [])
    for start in stride(from: 0, to: x.count, by: width) {
      let row = x.numbers[start..<start + width]
      let mean = row.reduce(0, +) / Double(width)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      let inverse = 1 / (variance + Double(float("epsilon", 1e-5))).squareRoot()
      for (index, number) in row.enumerated() {
        let shift = biases.flatMap { places in bias.map { $0.numbers[places[index]] } } ?? 0
        numbers.append((number - mean) * inverse * scale.numbers[scales[index]] + shift)
      }
      means.append(mean)
      inverses.append(inverse)
    }
    let small = Array(x.shape[..<axis]) + x.shape[axis...].map { _ in 1 }
    return [
      GraphValue(.float, x.shape, numbers), GraphValue(.float, small, means), GraphValue(.float, small, inverses),
    ]
  }

  /// Products of the last two axes; the others are stretched.
  private func multiply(_ left: GraphValue, _ right: GraphValue, _ type: ONNXTensorProto.DataType) throws -> GraphValue
  {
    let (a, b) = (Array(left.shape.dropLast(2)), Array(right.shape.dropLast(2)))
    guard left.shape.count >= 2, right.shape.count >= 2 else { throw GraphFault("vectors") }
    let outer = try GraphValue.common(a, b)
    let (rows, inner, columns) = (left.shape[a.count], left.shape[a.count + 1], right.shape[b.count + 1])
    guard right.shape[b.count] == inner else { throw GraphFault("\(left.shape) times \(right.shape)") }
    let firsts = GraphValue(.int64, a, [Double](repeating: 0, count: a.reduce(1, *))).places(in: outer)
    let seconds = GraphValue(.int64, b, [Double](repeating: 0, count: b.reduce(1, *))).places(in: outer)
    var numbers: [Double] = []
    numbers.reserveCapacity(firsts.count * rows * columns)
    left.numbers.withUnsafeBufferPointer { left in
      right.numbers.withUnsafeBufferPointer { right in
        for (first, second) in zip(firsts, seconds) {
          for row in 0..<rows {
            for column in 0..<columns {
              var sum = 0.0
              for step in 0..<inner {
                sum += left[(first * rows + row) * inner + step] * right[(second * inner + step) * columns + column]
              }
              numbers.append(sum)
            }
          }
        }
      }
    }
    return GraphValue(type, outer + [rows, columns], numbers)
  }
}

// MARK: Integers

extension Operator {
  private func cast(_ x: GraphValue) throws -> GraphValue {
    guard let type = ONNXTensorProto.DataType(rawValue: integer("to", 0)) else { throw GraphFault("no type") }
    return GraphValue(type, x.shape, type == .float ? x.numbers : x.numbers.map { $0.rounded(.towardZero) })
  }

  /// Each element's number of a scale or zero point: one for all, or one a step of an axis.
  private func spread(_ parameter: GraphValue, over x: GraphValue, axis: Int) throws -> [Double] {
    if parameter.count == 1 { return [Double](repeating: parameter.numbers[0], count: x.count) }
    guard parameter.shape == [x.shape[axis]] else { throw GraphFault("\(parameter.shape) along \(x.shape)") }
    let (_, inner) = x.extents(around: axis)
    return x.numbers.indices.map { parameter.numbers[$0 / inner % x.shape[axis]] }
  }

  private func shifted(_ x: GraphValue, by zero: GraphValue?, axis: Int) throws -> GraphValue {
    guard let zero else { return GraphValue(.int32, x.shape, x.numbers) }
    let zeros = try spread(zero, over: x, axis: axis)
    return GraphValue(.int32, x.shape, zip(x.numbers, zeros).map { $0 - $1 })
  }

  private func quantize(_ x: GraphValue, _ scale: GraphValue, _ zero: GraphValue?) throws -> GraphValue {
    let axis = x.shape.isEmpty ? 0 : x.axis(integer("axis", 1))
    let type = zero?.type ?? .uint8
    let range = try Self.range(of: type)
    let scales = try spread(scale, over: x, axis: axis)
    let zeros = try zero.map { try spread($0, over: x, axis: axis) } ?? x.numbers.map { _ in 0 }
    let numbers = x.numbers.indices.map { index in
      let place = (Float(x.numbers[index]) / Float(scales[index])).rounded(.toNearestOrEven)
      return Swift.min(Swift.max(Double(place) + zeros[index], range.lowerBound), range.upperBound)
    }
    return GraphValue(type, x.shape, numbers)
  }

  private func dequantize(_ x: GraphValue, _ scale: GraphValue, _ zero: GraphValue?) throws -> GraphValue {
    let axis = x.shape.isEmpty ? 0 : x.axis(integer("axis", 1))
    let scales = try spread(scale, over: x, axis: axis)
    let zeros = try zero.map { try spread($0, over: x, axis: axis) } ?? x.numbers.map { _ in 0 }
    return GraphValue(.float, x.shape, x.numbers.indices.map { (x.numbers[$0] - zeros[$0]) * scales[$0] })
  }

  private func dynamicQuantize(_ x: GraphValue) -> [GraphValue] {
    let (low, high) = (Float(Swift.min(0, x.numbers.min() ?? 0)), Float(Swift.max(0, x.numbers.max() ?? 0)))
    let scale = (high - low) / 255
    let zero = scale == 0 ? 0 : Swift.min(255, Swift.max(0, (0 - low / scale).rounded(.toNearestOrEven)))
    let numbers = x.numbers.map { number in
      let place = scale == 0 ? 0 : (Float(number) / scale).rounded(.toNearestOrEven)
      return Double(Swift.min(255, Swift.max(0, place + zero)))
    }
    return [
      GraphValue(.uint8, x.shape, numbers), GraphValue(.float, [], [Double(scale)]),
      GraphValue(.uint8, [], [Double(zero)]),
    ]
  }

  private static func range(of type: ONNXTensorProto.DataType) throws -> ClosedRange<Double> {
    switch type {
    case .uint8: 0...255
    case .int8: -128...127
    default: throw GraphFault("integers of type \(type)")
    }
  }
}
