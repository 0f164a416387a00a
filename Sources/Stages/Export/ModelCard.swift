import Declaring

/// What a model card says beyond what a run knows by itself.
///
/// The card is the `README.md` of an exported folder. It belongs to no artifact and, but for the evaluations, to no key: it
/// is made anew at each delivery, and one that somebody has edited stays as it is.
public struct ModelCard: Hashable, Sendable, CanonicallyEncodable, Decodable {
  /// Nil takes the destination's last part.
  public var title: String?
  /// As hubs name it: `apache-2.0`, `mit`. Nil takes that of the imported checkpoint.
  public var license: String?
  /// The model on a hub that this one comes from; nil takes the imported one.
  public var baseModel: String?
  /// Names of data sets on a hub.
  public var datasets: [String]
  /// By their codes: `en`.
  public var languages: [String]
  /// Whose figures the card quotes.
  public var evaluations: [Ref<Evaluation>]

  public init(
    title: String? = nil, license: String? = nil, baseModel: String? = nil, datasets: [String] = [],
    languages: [String] = [], evaluations: [Ref<Evaluation>] = []
  ) {
    (self.title, self.license, self.baseModel) = (title, license, baseModel)
    (self.datasets, self.languages, self.evaluations) = (datasets, languages, evaluations)
  }

  public func encodeCanonically(into slot: CanonicalSlot) throws {
    if evaluations.isEmpty { slot.writeNil() } else { try slot.write(evaluations) }
  }

  private enum CodingKeys: CodingKey { case title, license, baseModel, datasets, languages, evaluations }

  public init(from decoder: any Decoder) throws {
    // In a recipe the evaluations stand alone.
    if let evaluations = try? decoder.singleValueContainer().decode([Ref<Evaluation>].self) {
      self.init(evaluations: evaluations)
      return
    }
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      title: try fields.decodeIfPresent(String.self, forKey: .title),
      license: try fields.decodeIfPresent(String.self, forKey: .license),
      baseModel: try fields.decodeIfPresent(String.self, forKey: .baseModel),
      datasets: try fields.decode([String].self, forKey: .datasets),
      languages: try fields.decode([String].self, forKey: .languages),
      evaluations: try fields.decode([Ref<Evaluation>].self, forKey: .evaluations))
  }

  public func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encodeIfPresent(title, forKey: .title)
    try fields.encodeIfPresent(license, forKey: .license)
    try fields.encodeIfPresent(baseModel, forKey: .baseModel)
    try fields.encode(datasets, forKey: .datasets)
    try fields.encode(languages, forKey: .languages)
    try fields.encode(evaluations, forKey: .evaluations)
  }
}
