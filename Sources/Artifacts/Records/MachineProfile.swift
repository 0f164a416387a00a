/// This machine, as far as a measurement depends on it: part of the key of stages that measure.
public struct MachineProfile: Hashable, Sendable, Codable {
  public var processor: String
  public var cores: Int
  /// In GiB, rounded: a kernel's own share differs from boot to boot.
  public var memory: Int
  public var numerics: NumericsProfile

  public init(processor: String, cores: Int, memory: Int, numerics: NumericsProfile) {
    self.processor = processor
    self.cores = cores
    self.memory = memory
    self.numerics = numerics
  }

  public static let unknown = MachineProfile(processor: "unknown", cores: 0, memory: 0, numerics: .unknown)
}
