import Artifacts

/// Weights in a form that runs code when it is read, which Retort does not do.
public enum PickledWeights {
  /// Whether a file holds such.
  public static func isOne(_ name: String) -> Bool {
    name.wholeMatch(of: /pytorch_model(-[0-9]+-of-[0-9]+)?\.bin(\.index\.json)?|model\.pt|.*\.pth/) != nil
  }

  /// The refusal, with the line of Python that helps.
  ///
  /// - Parameters:
  ///   - model: what `from_pretrained` should load: a name on the hub, or a folder.
  ///   - folder: where it should write.
  public static func refusal(_ file: String, of model: String, folder: String) -> RetortError {
    Models.refusal(
      "model.pickle", "Its weights are pickled (\(file)), and reading a pickle runs the code in it.", at: model,
      remedy: conversion(of: model, folder: folder))
  }

  /// How to have the weights as safetensors.
  static func conversion(of model: String, folder: String) -> String {
    "Convert them once: python -c \"from transformers import AutoModel; "
      + "AutoModel.from_pretrained('\(model)').save_pretrained('\(folder)', safe_serialization=True)\", "
      + "which needs PyTorch (a classifier needs AutoModelForSequenceClassification, to keep its head); add AutoTokenizer "
      + "likewise for the tokenizer. Then import \(folder)."
  }
}
