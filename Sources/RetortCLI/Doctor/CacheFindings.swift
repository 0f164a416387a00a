import Inspecting
import Retort
import Storing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The state of a cache and of the disk below it.
enum CacheFindings {
  static func all(of folder: String) -> [DoctorFinding] { [sqlite, cache(folder), disk(folder)] }

  static var sqlite: DoctorFinding { DoctorFinding("SQLite", SQLiteLibrary.version) }

  static func cache(_ folder: String) -> DoctorFinding {
    let path = FilePath(folder)
    guard access(path.string, F_OK) == 0 else {
      return DoctorFinding("cache", "“\(folder)” does not exist yet; the first run makes it.")
    }
    do {
      let inspector = try Inspector(at: path)
      let size = try inspector.size()
      let runs = try inspector.runs()
      var parts = [
        Figures.counted(runs.count, "run"), "\(Figures.bytes(size.artifacts)) of artifacts",
        "\(Figures.bytes(size.records)) of records",
      ]
      if size.checkpoints > 0 { parts.append("\(Figures.bytes(size.checkpoints)) of checkpoints") }
      let details: [JSONLine.Field] = [
        .init("runs", .integer(runs.count)), .init("bytes", .integer(size.total)),
        .init("quarantined_bytes", .integer(size.quarantine)),
      ]
      if access(path.string, W_OK) != 0 {
        return DoctorFinding(
          "cache", "“\(folder)” can be read but not written: \(parts.joined(separator: ", "))", .hint,
          remedy: "Give yourself the right to write there, or run with --cache DIR.", details: details)
      }
      if size.quarantine > 0 {
        return DoctorFinding(
          "cache", "“\(folder)”: \(parts.joined(separator: ", ")); damaged artifacts were set aside", .hint,
          remedy: "Look at the disk. \(folder)/quarantine may be deleted.", details: details)
      }
      return DoctorFinding("cache", "“\(folder)”: \(parts.joined(separator: ", "))", details: details)
    } catch {
      let fault = ErrorRenderer.described(error)
      return DoctorFinding(
        "cache", "“\(folder)”: \(fault.message)", fault.code == "cache.missing" ? .hint : .problem,
        remedy: fault.remedy.isEmpty ? "retort verify --repair --cache \(folder)" : fault.remedy)
    }
  }

  static func disk(_ folder: String) -> DoctorFinding {
    var place = FilePath(folder)
    if place.isRelative { place = Surroundings.currentFolder.pushing(place) }
    while access(place.string, F_OK) != 0, place.removeLastComponent() {}
    var numbers = statvfs()
    guard statvfs(place.string, &numbers) == 0 else { return DoctorFinding("disk", "unknown") }
    let free = Int(numbers.f_bavail) * Int(numbers.f_frsize)
    let isShort = free < 2_000_000_000
    return DoctorFinding(
      "disk", "\(Figures.bytes(free)) free", isShort ? .hint : .fine,
      remedy: isShort ? "A run of BERT-base with checkpoints takes some gigabytes: retort gc makes room." : "",
      details: [.init("free_bytes", .integer(free))])
  }
}
