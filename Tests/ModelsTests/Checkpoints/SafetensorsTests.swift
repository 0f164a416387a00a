import Artifacts
import Foundation
import Models
import Testing

@Suite("Safetensors")
struct SafetensorsTests {
  let reference: JSONValue
  let file: [UInt8]

  init() throws {
    reference = try goldenJSON("safetensors/reference.json")
    file = bytes(hex: try #require(reference["file"]?.text))
  }

  @Test("reads what the reference library wrote, every element type")
  func reads() throws {
    let opened = try SafetensorsFile(bytes: file)
    func bits(_ name: String) throws -> [Int] { try opened.floats(name).map { Int($0.bitPattern) } }
    #expect(try bits("b.real") == reference["real_bits"]?.integers)
    #expect(try bits("a.half") == reference["half_as_float_bits"]?.integers)
    #expect(try bits("z.bfloat") == reference["bfloat_as_float_bits"]?.integers)
    #expect(try opened.integers("long") == [-(1 << 62), 5])
    #expect(try opened.integers("int") == [-7, 1 << 30])
    #expect(try opened.integers("byte") == [-128, 127, 0])
    #expect(try opened.integers("ubyte") == [0, 255])
    #expect(try opened.integers("flag") == [1, 0, 1])
    #expect(try opened.floats("empty") == [])
    #expect(try opened.entry("empty").shape == [0, 4])
    #expect(try opened.floats("scalar") == [2.5])
    #expect(try opened.entry("scalar").shape == [])
    #expect(opened.header.metadata == ["format": "pt"])
  }

  @Test("writes the reference library's bytes")
  func writes() throws {
    let opened = try SafetensorsFile(bytes: file)
    let real = try opened.floats("b.real")
    let tensors = try [
      StoredTensor("b.real", shape: [2, 11], floats: real),
      StoredTensor("a.half", shape: [22], asF16: real),
      StoredTensor("z.bfloat", shape: [22], asBF16: real),
      StoredTensor("long", shape: [2, 1], int64: [-(1 << 62), 5]),
      StoredTensor("int", shape: [2], int32: [-7, 1 << 30]),
      StoredTensor("byte", shape: [3], int8: [-128, 127, 0]),
      StoredTensor("ubyte", shape: [2], uint8: [0, 255]),
      StoredTensor("flag", shape: [3], flags: [true, false, true]),
      StoredTensor("empty", shape: [0, 4], floats: []),
      StoredTensor("scalar", shape: [], floats: [2.5]),
      StoredTensor("quoted \"é\n", shape: [1], floats: opened.floats("quoted \"é\n")),
    ]
    #expect(try SafetensorsWriter.bytes(tensors.shuffled(), metadata: ["format": "pt"]) == file)
    try withTemporaryFolder { folder in
      let path = folder.appending("model.safetensors")
      try SafetensorsWriter.write(tensors.reversed(), metadata: ["format": "pt"], to: path)
      #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path.string))) == file)
      let again = try SafetensorsFile(at: path)
      #expect(try again.floats("b.real").map(\.bitPattern) == real.map(\.bitPattern))
      #expect(try again.floats("a.half").count == 22)
    }
  }

  @Test("rounds to half precision as PyTorch does")
  func rounds() throws {
    let real = try #require(reference["real_bits"]).integers.map { Float(bitPattern: UInt32($0)) }
    #expect(real.map { Int(HalfPrecision.f16(from: $0)) } == reference["half_bits"]?.integers)
    #expect(real.map { Int(HalfPrecision.bf16(from: $0)) } == reference["bfloat_bits"]?.integers)
  }

  @Test("every half survives the way to Float and back")
  func halves() {
    for bits in UInt16.min...UInt16.max {
      let value = HalfPrecision.float(fromF16: bits)
      if value.isNaN { continue }
      #expect(HalfPrecision.f16(from: value) == bits)
      let brain = HalfPrecision.float(fromBF16: bits)
      #expect(brain.isNaN || HalfPrecision.bf16(from: brain) == bits)
    }
  }

  @Test(
    "accepts and refuses what the reference reader does",
    .enabled(if: dataFolder != nil, "set RETORT_DATA to the folder of public data sets"))
  func vectors() throws {
    let folder = try #require(dataFolder)
    let lines = try String(contentsOf: folder.appending(path: "safetensors_vectors/cases.jsonl"), encoding: .utf8)
    let codes = [
      "HeaderTooSmall": "truncated", "HeaderTooLarge": "headerTooLarge", "InvalidHeaderLength": "truncated",
      "InvalidHeader": "badHeader", "InvalidHeaderStart": "badHeader", "InvalidHeaderDeserialization": "badHeader",
      "ValidationOverflow": "badShape", "TensorInvalidInfo": "sizeMismatch",
    ]
    for line in lines.split(separator: "\n") {
      let item = try JSONValue(parsing: Array(line.utf8))
      let name = item["test"]?.text ?? ""
      let expect = try #require(item["expect"]?.text)
      let content = bytes(hex: try #require(item["hex"]?.text))
      if expect == "ok" {
        let opened = try SafetensorsFile(bytes: content)
        let tensors = try #require(item["tensors"]).members
        #expect(Set(opened.names) == Set(tensors.map(\.name)), "\(name)")
        for tensor in tensors {
          let entry = try opened.entry(tensor.name)
          #expect(entry.type.rawValue == tensor.value.items[0].text, "\(name)")
          #expect(entry.shape == tensor.value.items[1].integers, "\(name)")
        }
      } else {
        let refused = #expect(throws: RetortError.self, "\(name)") { try SafetensorsFile(bytes: content) }
        if let code = codes[expect] { #expect(refused?.code.rawValue == "safetensors.\(code)", "\(name) \(expect)") }
      }
    }
  }

  @Test(
    "each refusal names what is wrong",
    arguments: [
      (
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
        12,
        "overlap", "\"b\" overlaps tensor \"a\""
      ),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12, "hole", "4 bytes before tensor \"a\""),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4, "outOfRange", "\"a\": it should end at byte 8"),
      (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "sizeMismatch", "needs 12 bytes"),
      (#"{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, 8, "badElementType", "\"F31\""),
      (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, "badShape", "-2"),
      (#"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, 8, "badShape", "2.0"),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "badOffsets", "ascending"),
      (#"{"a":{"dtype":"F32","shape":[2]}}"#, 8, "badOffsets", "data_offsets"),
      (#"{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}"#, 1, "badShape", "no whole bytes"),
      (
        #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#,
        0,
        "duplicate", "\"a\" stands twice"
      ),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9, "trailingBytes", "1 bytes after"),
      (#"{"__metadata__":{"a":1}}"#, 0, "badHeader", "\"a\""),
      (#"[]"#, 0, "badHeader", "brace"),
      (#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#, 8, "badShape", "too large"),
    ])
  func refusals(json: String, data: Int, code: String, says: String) throws {
    let length = (0..<8).map { UInt8(truncatingIfNeeded: json.utf8.count >> (8 * $0)) }
    let content = length + Array(json.utf8) + [UInt8](repeating: 0, count: data)
    let refused = #expect(throws: RetortError.self) { try SafetensorsFile(bytes: content) }
    #expect(refused?.code.rawValue == "safetensors.\(code)")
    #expect(refused?.message.contains(says) == true, "\(refused?.message ?? "")")
  }

  @Test("a missing or truncated file, a folder, a misused tensor")
  func files() throws {
    try withTemporaryFolder { folder in
      let missing = #expect(throws: RetortError.self) { try SafetensorsFile(at: folder.appending("none")) }
      #expect(missing?.code == "file.missing")
      #expect(throws: RetortError.self) { try SafetensorsFile(at: folder) }
      let cut = folder.appending("cut.safetensors")
      for count in [0, 7, 8, 40, file.count - 1] {
        try Data(file.prefix(count)).write(to: URL(fileURLWithPath: cut.string))
        #expect(throws: RetortError.self, "\(count)") { try SafetensorsFile(at: cut) }
      }
    }
    let opened = try SafetensorsFile(bytes: file)
    #expect(throws: RetortError.self) { try opened.floats("none") }
    #expect(throws: RetortError.self) { try opened.floats("long") }
    #expect(throws: RetortError.self) { try opened.integers("b.real") }
    #expect(throws: RetortError.self) {
      try SafetensorsWriter.bytes([.init("a", shape: [2], floats: [1])])
    }
    #expect(throws: RetortError.self) {
      try SafetensorsWriter.bytes([.init("a", shape: [1], floats: [1]), .init("a", shape: [0], floats: [])])
    }
  }

  @Test("mutated files are read or refused, never anything else")
  func fuzz() throws {
    var dice = Dice(20_26)
    for _ in 0..<2_000 {
      var content = file
      for _ in 0..<Int.random(in: 1...4, using: &dice) {
        switch Int.random(in: 0..<5, using: &dice) {
        case 0: content[Int.random(in: 0..<min(content.count, 800), using: &dice)] = .random(in: 0...255, using: &dice)
        case 1: content.removeSubrange(Int.random(in: 0..<content.count, using: &dice)...)
        case 2:
          content.insert(.random(in: 0x20...0x7E, using: &dice), at: Int.random(in: 0..<content.count, using: &dice))
        case 3:
          let start = Int.random(in: 0..<content.count, using: &dice)
          content.removeSubrange(start..<min(content.count, start + Int.random(in: 1...30, using: &dice)))
        default:
          content[Int.random(in: 0..<min(8, content.count), using: &dice)] ^=
            UInt8(1) << UInt8.random(in: 0..<8, using: &dice)
        }
        if content.count < 16 { content += [UInt8](repeating: 0x7B, count: 16) }
      }
      do {
        let opened = try SafetensorsFile(bytes: content)
        for entry in opened.header.entries {
          #expect(try opened.bytes(entry.name).count == entry.range.count)
          if entry.type.isRealNumber { _ = try opened.floats(entry.name) }
        }
      } catch let error as RetortError {
        #expect(!error.message.isEmpty)
      }
    }
  }
}
