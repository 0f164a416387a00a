import Training

extension Pretrain {
  public var conventions: [String] {
    [
      "loss: cross-entropy at the hidden positions, mean over those of a batch; the decoder is the word embeddings",
      masking.convention, "texts: longer passages go on as further texts; no next-sentence prediction",
    ] + training.conventions + ["kept: the last epoch"]
  }
}
