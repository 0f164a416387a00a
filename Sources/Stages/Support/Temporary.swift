// Stand-ins until the real ones are in Models and Training.
import Declaring
import Foundation
import Models
import Tensors
import Training

struct BertCheckpoint {
  var bert: Bert
  var values: FlatBuffer<Float>
  init(_ bert: Bert, values: FlatBuffer<Float>) { self.bert = bert; self.values = values }
  init(folder: FilePath) throws {
    struct Extra: Decodable { var architectures: [String] }
    let data = Data(try Files.read(folder.appending("config.json")))
    let configuration = try JSONDecoder().decode(BertConfiguration.self, from: data)
    let extra = try JSONDecoder().decode(Extra.self, from: data)
    let head: BertHead =
      switch extra.architectures.first {
      case "BertForMaskedLM": .maskedLM
      case "BertForSequenceClassification": .classifier(labels: configuration.labels.count)
      default: .encoder
      }
    bert = try Bert(configuration, head: head)
    values = FlatBuffer(count: bert.layout.count)
    let file = try SafetensorsFile(at: folder.appending("model.safetensors"))
    for entry in bert.layout.entries { values.write(try file.floats(entry.name), at: entry.offset) }
  }
  func write(to folder: FilePath) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    var object = try JSONSerialization.jsonObject(with: encoder.encode(bert.configuration)) as? [String: Any] ?? [:]
    switch bert.head {
    case .maskedLM: object["architectures"] = ["BertForMaskedLM"]
    case .classifier: object["architectures"] = ["BertForSequenceClassification"]
    default: object["architectures"] = ["BertModel"]
    }
    let bytes = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
    try Files.replace(folder.appending("config.json"), with: Array(bytes), isDurable: false)
    try SafetensorsWriter.write(
      bert.layout.entries.map { StoredTensor($0.name, shape: $0.shape, floats: values[$0.range]) },
      metadata: ["format": "pt"], to: folder.appending("model.safetensors"))
  }
}

enum Metrics {
  static func accuracy(_ a: [Int], _ b: [Int]) -> Double {
    Double(zip(a, b).count { $0 == $1 }) / Double(max(1, a.count))
  }
  static func wilson(correct: Int, of n: Int) -> (low: Double, high: Double) {
    let (p, n, z) = (Double(correct) / Double(n), Double(n), 1.959963984540054)
    let center = p + z * z / (2 * n), half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    return ((center - half) / (1 + z * z / n), (center + half) / (1 + z * z / n))
  }
  static func f1(_ a: [Int], _ b: [Int], classes: Int) -> [Double] {
    (0..<classes).map { c in
      let tp = zip(a, b).count { $0 == c && $1 == c }
      let all = a.count { $0 == c } + b.count { $0 == c }
      return all == 0 ? 0 : 2 * Double(tp) / Double(all)
    }
  }
}
