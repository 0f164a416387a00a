import Declaring

/// What a command may take of the machine. It changes no result, so no key holds it.
public struct CommandLimits: Hashable, Sendable, CanonicallyEncodable, Decodable {
  /// In seconds; nil for as long as it takes.
  var timeout: Double?
  /// Seconds between asking the program to end and killing it.
  var grace = 2.0
  var cores = 1
  /// In bytes; 0 where it does not matter.
  var memory = 0
  var devices: [CommandDevice] = []

  init(timeout: Double? = nil, cores: Int = 1, memory: Int = 0, devices: [CommandDevice] = []) {
    (self.timeout, self.cores, self.memory, self.devices) = (timeout, cores, memory, devices)
  }

  public func encodeCanonically(into slot: CanonicalSlot) { slot.writeNil() }

  private enum Names: CodingKey { case timeout, grace, cores, memory, devices }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Names.self)
    timeout = try fields.decodeIfPresent(Double.self, forKey: .timeout)
    grace = try fields.decode(Double.self, forKey: .grace)
    cores = try fields.decode(Int.self, forKey: .cores)
    memory = try fields.decode(Int.self, forKey: .memory)
    devices = try fields.decodeIfPresent([CommandDevice].self, forKey: .devices) ?? []
  }

  public func encode(to encoder: any Encoder) throws {
    if try encodedCanonically(to: encoder) { return }
    var fields = encoder.container(keyedBy: Names.self)
    try fields.encodeIfPresent(timeout, forKey: .timeout)
    try fields.encode(grace, forKey: .grace)
    try fields.encode(cores, forKey: .cores)
    try fields.encode(memory, forKey: .memory)
    try fields.encode(devices, forKey: .devices)
  }
}

/// Devices that a command needs, such as GPUs: those of one name.
///
/// It finds their ids, with commas in between, in `RETORT_DEVICE_GPU` where they are called `gpu`, and in a variable of its
/// own choice.
public struct CommandDevice: Hashable, Sendable, Codable {
  var name: String
  var count: Int
  var variable: String?

  /// - Parameter variable: one more variable for the ids, such as `CUDA_VISIBLE_DEVICES`.
  public static func named(_ name: String, count: Int = 1, in variable: String? = nil) -> Self {
    Self(name: name, count: count, variable: variable)
  }
}
