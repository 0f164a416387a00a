import Artifacts
import Tensors

/// A model as an ONNX file: what ONNX Runtime and other engines compute without Retort.
///
/// ```swift
/// try ONNXModel(folder: "out/student").write(to: "student.onnx")
/// ```
/// Inputs are `input_ids`, `attention_mask` and `token_type_ids`, i64 [batch_size, sequence_length], both sizes free. A
/// classifier and a regression give `logits` [batch_size, labels], a masked LM `logits` [batch_size, sequence_length,
/// vocabulary], an encoder `last_hidden_state` and `pooler_output`. Pruned blocks keep their small shapes, int8 models
/// their integers and scales.
public struct ONNXModel: Sendable {
  /// How a graph is written.
  public struct Options: Sendable, Hashable, Codable {
    /// The version of the standard operators.
    public var opset: Int
    /// How an int8 model with dynamic scales quantizes activations.
    public var activations: ONNXActivations

    /// Versions whose operators are known here. LayerNormalization and the reductions came to their present form by 18;
    /// runtimes of 2023 and later have 21.
    public static let opsets = 18...21

    public init(opset: Int = 18, activations: ONNXActivations = .standard) {
      (self.opset, self.activations) = (opset, activations)
    }

    /// The same options.
    ///
    /// - Throws: `onnx.opset` for a version that cannot be written.
    public var checked: Options {
      get throws {
        guard Self.opsets.contains(opset) else {
          throw refusal(
            "onnx.opset", "Operator set \(opset) was asked for.", field: "opset",
            remedy: "Give one of \(Self.opsets.lowerBound) to \(Self.opsets.upperBound).")
        }
        return self
      }
    }
  }

  let graph: ONNXGraph
  /// Whether weights are integers.
  public let isQuantized: Bool

  /// - Throws: `onnx.opset`, and errors of the model.
  public init(_ checkpoint: BertCheckpoint, options: Options = Options()) throws {
    graph = try BertGraph(DenseONNXWeights(checkpoint: checkpoint), opset: options.checked.opset).graph
    isQuantized = false
  }

  /// - Throws: `onnx.opset`, and errors of the model.
  public init(_ checkpoint: QuantizedCheckpoint, options: Options = Options()) throws {
    let options = try options.checked
    let weights = QuantizedONNXWeights(checkpoint: checkpoint, activations: options.activations)
    graph = try BertGraph(weights, opset: options.opset).graph
    isQuantized = true
  }

  /// Reads a model's folder, dense or quantized.
  ///
  /// - Throws: `onnx.opset`, and what `BertCheckpoint` and `QuantizedCheckpoint` throw.
  public init(folder: FilePath, options: Options = Options()) throws {
    switch try FolderConfiguration(folder: folder).form {
    case .dense: try self.init(BertCheckpoint(folder: folder), options: options)
    case .int8: try self.init(QuantizedCheckpoint(folder: folder), options: options)
    }
  }
}

/// How ONNX nodes quantize the activations of an int8 model with dynamic scales.
public enum ONNXActivations: String, Sendable, Codable, CaseIterable {
  /// `DynamicQuantizeLinear`: one scale and zero point for the whole padded batch. Runtimes fuse it, but an answer depends
  /// on what else is in the batch, and integers are those of Retort only for the convention that says so. Activations of 7
  /// bits, which it does not have, are written as with `exact`.
  case standard
  /// The model's own convention in single nodes: with a scale a row the integers are those of Retort.
  case exact
}
