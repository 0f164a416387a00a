import Retort
import Tensors
import Training

/// What of this machine decides how fast Retort is.
enum MachineFindings {
  static func all(measuring: Bool) -> [DoctorFinding] {
    [
      processor, memory, kernels, blas(measuring: measuring), integers(measuring: measuring), oneDNN, shards, build,
    ]
  }

  static var processor: DoctorFinding {
    let processor = ProcessorDescription.current
    let flags = processor.flags.isEmpty ? "no flags known" : processor.flags.joined(separator: " ")
    return DoctorFinding(
      "processor", "\(processor.name), \(Figures.counted(Machine.cores, "core")): \(flags)",
      details: [.init("cores", .integer(Machine.cores)), .init("flags", .strings(processor.flags))])
  }

  static var memory: DoctorFinding {
    let bytes = Machine.memory
    let isSmall = bytes > 0 && bytes < 3_000_000_000
    return DoctorFinding(
      "memory", Figures.bytes(bytes), isSmall ? .hint : .fine,
      remedy: isSmall ? "Fine-tuning BERT-base takes about 3 GB. Use --jobs 1, or a smaller teacher." : "",
      details: [.init("bytes", .integer(bytes))])
  }

  static var kernels: DoctorFinding {
    let chosen = Kernels.instructionSet
    let best = ["avx512", "avx2", "portable"].first { Kernels.named($0) != nil } ?? chosen
    let isBest = chosen == best
    return DoctorFinding(
      "kernels", chosen, isBest ? .fine : .hint,
      remedy: isBest ? "" : "This machine can run \(best). Unset RETORT_ISA to use it.",
      details: [.init("best", .string(best))])
  }

  static func blas(measuring: Bool) -> DoctorFinding {
    do {
      let blas = try BLAS.shared()
      let report = blas.report
      var parts = [report.core.isEmpty ? "core unknown" : "core \(report.core)", report.path]
      var details: [JSONLine.Field] = [
        .init("path", .string(report.path)), .init("core", .string(report.core)),
        .init("configuration", .string(report.configuration)),
        .init("requested_by_user", .bool(report.requestedByUser)),
      ]
      if measuring {
        let rate = blas.measure()
        parts.insert("\(Figures.short(rate)) GFLOP/s on one core", at: 0)
        details.append(.init("gflops", .number(rate)))
      }
      let isUnfit =
        report.suitableCore.map { $0.lowercased() != report.core.lowercased() && !report.core.isEmpty } ?? false
      if isUnfit, measuring {
        let own = PackedWeight.measure(rows: 416, repeats: 3)
        parts.insert("against \(Figures.short(own)) of Retort's own loops", at: 1)
      }
      let remedy =
        report.requestedByUser
        ? "OPENBLAS_CORETYPE is set. Unset it, and Retort asks for \(report.suitableCore ?? "the right one")."
        : "OpenBLAS runs its \(report.core) kernels; this processor could run \(report.suitableCore ?? "better ones")."
          + " Install a newer libopenblas."
      return DoctorFinding(
        "BLAS", parts.joined(separator: ", "), isUnfit ? .hint : .fine, remedy: isUnfit ? remedy : "", details: details)
    } catch {
      return DoctorFinding(
        "BLAS", "not found: \(error)", .problem,
        remedy: "Install OpenBLAS: apt-get install libopenblas0 (Debian, Ubuntu), dnf install openblas (Fedora).")
    }
  }

  static func integers(measuring: Bool) -> DoctorFinding {
    let loops = "Retort's own loops, \(Int8Kernels.instructionSet)"
    guard measuring else { return DoctorFinding("int8", loops) }
    let rate = PackedInt8Weight.measure(rows: 416, repeats: 3)
    return DoctorFinding(
      "int8", "\(Figures.short(rate)) G operations/s on one core, \(loops)", details: [.init("gops", .number(rate))])
  }

  /// A second opinion on integer products; nothing waits for it.
  static var oneDNN: DoctorFinding {
    guard let found = try? OneDNN.shared() else {
      return DoctorFinding(
        "oneDNN",
        "not installed, which costs nothing: int8 runs in Retort's own loops, which are as fast for batches and faster"
          + " for single sentences. RETORT_INT8=onednn, the second opinion, is missing.",
        remedy:
          "To have it: apt-get install libdnnl3 (Debian, Ubuntu; libdnnl2 on older ones), dnf install onednn (Fedora).",
        details: [.init("installed", .bool(false))])
    }
    return DoctorFinding(
      "oneDNN", "\(found.version), \(found.path)",
      details: [
        .init("installed", .bool(true)), .init("version", .string(found.version)),
        .init("library", .string(found.path)),
      ])
  }

  /// Shards are part of a recipe, so this only suggests.
  static var shards: DoctorFinding {
    let suggested = max(1, min(Machine.cores, 8))
    return DoctorFinding(
      "shards",
      suggested == TrainingOptions().shards
        ? "\(suggested), as recipes have it: one a core"
        : "\(suggested) suit this machine (one a core, while each has 100 tokens or more); recipes have"
          + " \(TrainingOptions().shards) unless told otherwise",
      details: [.init("suggested", .integer(suggested))])
  }

  static var build: DoctorFinding {
    #if DEBUG
      DoctorFinding("build", "debug", .hint, remedy: "Training is many times faster in release: swift run -c release …")
    #else
      DoctorFinding("build", "release")
    #endif
  }
}
