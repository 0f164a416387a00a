import Fingerprinting
import Foundation

// Called by the plugin: fingerprint-sources OUTPUT MODULE FILE… [--shared FILE…]

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else {
  FileHandle.standardError.write(Data("usage: fingerprint-sources OUTPUT MODULE FILE… [--shared FILE…]\n".utf8))
  exit(2)
}

/// The last two parts of the path: folders may have files of one name.
func name(of path: String) -> String { path.split(separator: "/").suffix(2).joined(separator: "/") }

func read(_ paths: ArraySlice<String>) throws -> [(name: String, text: String)] {
  try paths.map { (name(of: $0), String(decoding: try Data(contentsOf: URL(filePath: $0)), as: UTF8.self)) }
}

do {
  let parts = arguments.dropFirst(2).split(separator: "--shared", maxSplits: 1, omittingEmptySubsequences: false)
  let map = CodeMap(files: try read(parts.first ?? []))
  let shared = try parts.count > 1 ? CodeMap.hash(ofShared: read(parts[parts.index(after: parts.startIndex)])) : nil
  let text = map.generatedSource(importing: arguments[1], shared: shared)
  try text.write(to: URL(filePath: arguments[0]), atomically: true, encoding: .utf8)
} catch {
  FileHandle.standardError.write(Data("fingerprint-sources: \(error)\n".utf8))
  exit(1)
}
