import Artifacts
import FoundationEssentials
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// This machine, as records and keys of measured stages name it.
package enum Machine {
  /// Cores that this process may use.
  package static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// Memory in bytes; 0 where it is not known.
  package static var memory: Int {
    max(0, Int(sysconf(Int32(_SC_PHYS_PAGES)))) * max(0, Int(sysconf(Int32(_SC_PAGESIZE))))
  }

  /// Memory in bytes that this process may use: less than the machine's in a container with a limit. 0 where it is not known.
  package static var usableMemory: Int {
    let files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    // A group without a limit says so with a word, or with a number beyond any memory.
    let limits = files.compactMap { file in
      (try? Data(contentsOf: URL(filePath: file))).flatMap { Int(String(decoding: $0, as: UTF8.self).trimmed) }
    }
    return limits.filter { $0 > 0 }.reduce(memory) { $0 == 0 ? 0 : min($0, $1) }
  }

  /// The first use loads the matrix library to ask for its name, which takes some milliseconds.
  package static let profile = MachineProfile(
    processor: ProcessorDescription.current.name, cores: cores,
    memory: Int((Double(memory) / 1_073_741_824).rounded()), numerics: numerics)

  private static var numerics: NumericsProfile {
    #if DEBUG
      let build = "debug"
    #else
      let build = "release"
    #endif
    // A machine without the library plans and explains all the same; stages that need it say so.
    let blas = (try? BLAS.shared())?.report.configuration ?? "none"
    return NumericsProfile(kernels: Kernels.instructionSet, blas: blas, build: build)
  }
}

/// What the operating system says about the processor.
package struct ProcessorDescription: Sendable {
  package var name: String
  /// The flags that matter for kernels, in the order of their age.
  package var flags: [String]

  package static var current: ProcessorDescription {
    guard let data = try? Data(contentsOf: URL(filePath: "/proc/cpuinfo")) else {
      return ProcessorDescription(name: "unknown", flags: [])
    }
    return ProcessorDescription(cpuinfo: String(decoding: data, as: UTF8.self))
  }

  init(name: String, flags: [String]) {
    self.name = name
    self.flags = flags
  }

  private static let interesting = [
    "sse4_2", "avx", "f16c", "fma", "avx2", "avx512f", "avx512bw", "avx512vl", "avx512_vnni", "avx512_bf16", "avx_vnni",
    "amx_bf16", "amx_int8", "asimd", "asimddp", "bf16", "i8mm", "sve",
  ]

  /// Reads the text of `/proc/cpuinfo`; the first core stands for all.
  package init(cpuinfo: String) {
    var fields: [String: String] = [:]
    for line in cpuinfo.utf8.split(separator: UInt8(ascii: "\n")) {
      let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1)
      guard parts.count == 2, let name = String(parts[0])?.trimmed, let value = String(parts[1])?.trimmed else {
        continue
      }
      if fields[name] == nil { fields[name] = value }
      if fields["flags"] != nil || fields["Features"] != nil, fields["model name"] != nil { break }
    }
    let known = Set((fields["flags"] ?? fields["Features"] ?? "").split(separator: " ").map(String.init))
    self.init(
      name: fields["model name"] ?? fields["Hardware"] ?? "unknown", flags: Self.interesting.filter(known.contains))
  }
}

extension String {
  fileprivate var trimmed: String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" }
    return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }
}
