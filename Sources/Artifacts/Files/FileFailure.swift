extension RetortError {
  /// The error of a call to the operating system, as a sentence.
  public init(_ error: Errno, _ operation: FileOperation, _ path: FilePath) {
    let place = Place(file: path.string)
    switch error {
    case .noSpace, .diskQuotaExceeded:
      self.init(
        "disk.full", "The disk is full.",
        remedy: "Free some space (“retort gc” removes from the cache what no recent run needs) and run again.",
        at: place, blame: .environment, cause: error)
    case .readOnlyFileSystem:
      self.init(
        "file.read-only", "The file system is read-only.", remedy: "Choose a folder that can be written.", at: place,
        blame: .environment, cause: error)
    case .permissionDenied where operation.changesDisk, .notPermitted where operation.changesDisk:
      self.init(
        "file.read-only", "It cannot be written: permission denied.",
        remedy: "Give yourself the right to write there, or choose another folder.", at: place, blame: .environment,
        cause: error)
    case .permissionDenied, .notPermitted:
      self.init(
        "file.unreadable", "It cannot be opened: permission denied.", remedy: "Give yourself the right to it.",
        at: place, blame: .environment, cause: error)
    case .noSuchFileOrDirectory:
      self.init("file.missing", "There is no such file or folder.", at: place, cause: error)
    case .notDirectory:
      self.init("file.not-folder", "A folder is needed here, and this is a file.", at: place, cause: error)
    case .isDirectory:
      self.init("file.is-folder", "A file is needed here, and this is a folder.", at: place, cause: error)
    case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
      self.init(
        "files.exhausted", "Too many files are open.", remedy: "Raise the limit (ulimit -n) or lower --jobs.",
        at: place, blame: .environment, isTransient: true, cause: error)
    case .ioError:
      self.init(
        "disk.error", "The disk failed (\(operation.rawValue)).", remedy: "Check the disk; nothing was recorded.",
        at: place, blame: .environment, cause: error)
    default:
      self.init(
        "file.failed", "The operation “\(operation.rawValue)” failed: \(error).", at: place, blame: .environment,
        cause: error)
    }
  }
}
