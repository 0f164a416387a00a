/// One of the devices that a run may use, such as the second of those that are called `gpu`.
public struct Device: Hashable, Sendable, Codable {
  /// What stages ask for.
  public var name: String
  /// What tells it from others of its name, such as `1`.
  public var id: String

  public init(_ name: String, _ id: String) { (self.name, self.id) = (name, id) }

  /// The variable in which a program finds the ids of its devices of a name: `RETORT_DEVICE_GPU` for `gpu`.
  public static func variable(_ name: String) -> String {
    "RETORT_DEVICE_"
      + String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? Character($0.uppercased()) : "_" })
  }

  /// The variables that tell a program all of its devices, with commas between ids: nothing for no device.
  public static func variables(_ devices: [String: [String]]) -> [String: String] {
    Dictionary(devices.map { (variable($0.key), $0.value.joined(separator: ",")) }) { first, _ in first }
  }
}
