import Artifacts
import FoundationEssentials

/// `config.json` of the folder of a BERT, or of a model of its family: the architecture, what stands on it, and everything else that was written there.
public struct FolderConfiguration: Sendable, Equatable {
  public var configuration: BertConfiguration
  public var head: BertHead
  /// How the numbers are stored.
  public var form: Form
  /// Members that mean nothing to Retort, such as `_name_or_path`; they are written again as they were read.
  public var others: [JSONValue.Member]

  /// The forms that a BERT's folder has, told apart by `model_type`.
  public enum Form: Sendable, Equatable {
    /// F32 (or F16, BF16) weights under Hugging Face's names: `bert` and the like, or `retort-bert` with blocks of unlike
    /// widths.
    case dense
    /// `retort-bert-int8` and the like: I8 weights with scales.
    case int8(Int8Convention)
  }

  static let name = "config.json"

  public init(
    _ configuration: BertConfiguration, head: BertHead, form: Form = .dense, others: [JSONValue.Member] = []
  ) {
    (self.configuration, self.head, self.form, self.others) = (configuration, head, form, others)
  }
}

// MARK: Reading

extension FolderConfiguration {
  /// Reads and checks `config.json` of a folder.
  ///
  /// - Throws: `file.missing`, `file.unreadable`, `model.badConfiguration` for a text or value that is none,
  ///   `model.unsupported` for an architecture that Retort does not compute.
  public init(folder: FilePath) throws {
    let path = folder.appending(Self.name)
    let document = try readJSON(path, code: "model.badConfiguration")
    guard case .object(let members) = document else { throw Self.bad("The document is no object.", path) }
    let family = try Self.family(of: document, path)
    form = try Self.form(of: document, path)
    try Self.requireSupported(document, path)
    let plain = members.filter { $0.name != "model_type" } + [.init("model_type", .string(family.rawValue))]
    do {
      let text = JSONValue.object(family.underOwnKeys(plain)).compactText
      configuration = try JSONDecoder().decode(BertConfiguration.self, from: Data(text.utf8))
    } catch let error as DecodingError {
      throw Self.bad(error, path)
    }
    if let fault = configuration.faults.first { throw Self.bad("\(fault).", path) }
    head = try Self.head(of: document, &configuration, path)
    let own = family.settingNames.union(Self.replacedKeys)
    others = members.filter { !own.contains($0.name) }
  }

  /// Keys that are written anew, or that would be wrong of what is written.
  private static let replacedKeys = ["architectures", "num_labels", "torch_dtype", "dtype", Int8Convention.key]

  private static func bad(_ sentence: String, _ path: FilePath, field: String? = nil) -> RetortError {
    refusal("model.badConfiguration", sentence, at: path.string, field: field)
  }

  private static func bad(_ error: DecodingError, _ path: FilePath) -> RetortError {
    let (context, key): (DecodingError.Context?, (any CodingKey)?) =
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): (context, nil)
      case .keyNotFound(let key, let context): (context, key)
      @unknown default: (nil, nil)
      }
    let field = (context?.codingPath ?? []).map(\.stringValue) + (key.map { [$0.stringValue] } ?? [])
    let why: String =
      switch error {
      case .typeMismatch(let type, _): "It is no \(type)"
      case .keyNotFound: "It is missing"
      default: context?.debugDescription ?? "It cannot be read"
      }
    return bad("\(why).", path, field: field.isEmpty ? nil : field.joined(separator: "."))
  }

  private static func family(of document: JSONValue, _ path: FilePath) throws -> BertFamily {
    guard let type = document["model_type"]?.text else { return .bert }
    guard let family = BertFamily(modelType: type) else {
      throw refusal(
        "model.unsupported", "“\(type)” is not a BERT.", at: path.string, field: "model_type",
        remedy:
          "Use a folder whose model_type is one of \(BertFamily.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return family
  }

  private static func form(of document: JSONValue, _ path: FilePath) throws -> Form {
    guard let type = document["model_type"]?.text, BertFamily.allCases.contains(where: { $0.int8ModelType == type })
    else {
      return .dense
    }
    guard let convention = document[Int8Convention.key] else {
      throw bad("It is missing.", path, field: Int8Convention.key)
    }
    return .int8(try Int8Convention(convention, file: path))
  }

  /// Variants of BERT that have other values than ours for the same weights.
  private static func requireSupported(_ document: JSONValue, _ path: FilePath) throws {
    func refuse(_ key: String, _ what: String) -> RetortError {
      refusal("model.unsupported", "\(what) is not supported.", at: path.string, field: key)
    }
    if let kind = document["position_embedding_type"]?.text, kind != "absolute" {
      throw refuse("position_embedding_type", "“\(kind)”")
    }
    for key in ["is_decoder", "add_cross_attention"] where document[key]?.flag == true {
      throw refuse(key, "A decoder")
    }
    if let inner = document["inner_group_num"]?.integer, inner != 1 {
      throw refuse("inner_group_num", "A group of \(inner) blocks")
    }
  }

  private static func head(
    of document: JSONValue, _ configuration: inout BertConfiguration, _ path: FilePath
  ) throws -> BertHead {
    var architecture: String?
    switch document["architectures"] {
    case nil, .null: break
    case .array(let names): architecture = names.first?.text
    default: throw bad("It is no list of names.", path, field: "architectures")
    }
    switch architecture?.firstRange(of: "For").map({ String(architecture?[$0.lowerBound...] ?? "") }) {
    case "ForMaskedLM", "ForPreTraining": return .maskedLM
    case "ForSequenceClassification":
      try nameClasses(of: &configuration, document, path)
      let isRegression = configuration.labels.count == 1 || document["problem_type"]?.text == "regression"
      guard isRegression else { return .classifier(labels: configuration.labels.count) }
      guard configuration.labels.count == 1 else {
        throw refusal(
          "model.unsupported", "A regression of \(configuration.labels.count) values is not supported.",
          at: path.string, field: "problem_type")
      }
      if configuration.labels == placeholders(1) { configuration.labels = [] }
      return .regression
    case "ForTokenClassification":
      try nameClasses(of: &configuration, document, path)
      return .tagger(labels: configuration.labels.count)
    default: return .encoder
    }
  }

  /// Gives the classes the names that the reference would assume: it leaves out two classes without names.
  private static func nameClasses(
    of configuration: inout BertConfiguration, _ document: JSONValue, _ path: FilePath
  ) throws {
    guard configuration.labels.isEmpty else { return }
    let count = document["num_labels"]?.integer ?? 2
    guard (1...1 << 20).contains(count) else { throw bad("It is \(count).", path, field: "num_labels") }
    configuration.labels = placeholders(count)
  }

  /// The names that Hugging Face gives to classes without names.
  static func placeholders(_ count: Int) -> [String] { (0..<count).map { "LABEL_\($0)" } }
}

// MARK: Writing

extension FolderConfiguration {
  /// The text of `config.json`: members sorted by name, as the reference writes them.
  ///
  /// - Throws: `model.badConfiguration` for numbers that JSON cannot hold.
  public func text() throws -> String {
    var written = configuration
    if written.labels.count != head.outputs { written.labels = Self.placeholders(head.outputs) }
    let own: JSONValue
    do {
      own = try JSONValue(parsing: [UInt8](JSONEncoder().encode(written)))
    } catch {
      throw refusal("model.badConfiguration", "The configuration cannot be written as JSON: \(error).")
    }
    guard case .object(var members) = own else { return "" }
    let family = configuration.family
    members = family.underTheirKeys(members)
    members.append(.init("architectures", .array([.string(family.architecture(of: head))])))
    if case .int8(let convention) = form {
      members.removeAll { $0.name == "model_type" }
      members.append(.init("model_type", .string(family.int8ModelType)))
      members.append(.init(Int8Convention.key, convention.json))
    }
    members = members.map { .init($0.name, Self.sorted($0.value)) }
    let names = Set(members.map(\.name))
    members += others.filter { !names.contains($0.name) }
    return JSONValue.object(members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }).prettyText
  }

  /// An encoder gives members in an order of its own; labels are sorted by number.
  private static func sorted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
      .object(
        members.map { JSONValue.Member($0.name, sorted($0.value)) }.sorted { left, right in
          if let first = Int(left.name), let second = Int(right.name) { return first < second }
          return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        })
    case .array(let items): .array(items.map(sorted))
    default: value
    }
  }
}
