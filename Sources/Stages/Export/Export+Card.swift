import Declaring

extension Export {
  /// The model card, where one was asked for.
  public func notes(on account: DeliveryAccount) throws -> [DeliveryNote] {
    guard let card else { return [] }
    let content = try CardContent(
      card, of: Kind.self, name: destination.path.lexicallyNormalized().lastComponent?.string ?? "model",
      forms: forms, exported: account.step(of: model)?.outputs[model.edge.port], account: account)
    return [DeliveryNote("README.md", content.text)]
  }
}
