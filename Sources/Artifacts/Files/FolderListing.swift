extension Files {
  /// The names in a folder that may be missing, in order of their bytes.
  public static func namesIfThere(in folder: FilePath) throws -> [String] {
    try status(of: folder) == nil ? [] : names(in: folder)
  }

  /// The size of a file, or of all files below a folder, in bytes. What vanishes meanwhile counts nothing.
  public static func totalBytes(of path: FilePath) throws -> Int {
    guard let status = try status(of: path, followsLinks: false) else { return 0 }
    guard status.kind == .folder else { return status.bytes }
    do {
      return try names(in: path).reduce(0) { $0 + (try totalBytes(of: path.appending($1))) }
    } catch let error as RetortError where error.code == "file.missing" {
      return 0
    }
  }

  /// Copies all files of a folder, and the folders in it, into one that exists.
  public static func copyFolder(_ source: FilePath, into target: FilePath) throws {
    for name in try names(in: source) {
      let (from, to) = (source.appending(name), target.appending(name))
      if try existing(from).kind == .folder {
        try makeFolder(to)
        try copyFolder(from, into: to)
      } else {
        _ = try copy(from, to: to)
      }
    }
  }
}
