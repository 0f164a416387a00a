/// Which files of a target stand behind each of its stages.
///
/// A file needs another if it names what that one declares: a type, a function outside types, or after a dot a member of an
/// extension of a type from elsewhere. Names alone decide, so a file may count that the compiler would not need: that is the
/// safe side.
public struct CodeMap {
  /// A type that conforms to a protocol of stages, and the files behind it, in order.
  public struct Stage: Hashable {
    public var type: String
    public var files: [String]
  }

  public let stages: [Stage]
  /// The hash of each file by its name.
  public let hashes: [String: String]

  /// - Parameters:
  ///   - files: names, unique in the target, and texts.
  ///   - protocols: names of protocols whose conforming types are stages; those of the target that refine one join them.
  public init(files: [(name: String, text: String)], protocols: Set<String> = ["Stage", "Delivering"]) {
    let parsed = files.map { file in
      let tokens = SwiftTokens(file.text).tokens
      return (name: file.name, hash: tokens.fingerprint.hex, declarations: Declarations(tokens))
    }
    hashes = Dictionary(parsed.map { ($0.name, $0.hash) }) { first, _ in first }
    let needs = Self.needs(of: parsed.map(\.declarations))
    let all = parsed.flatMap { $0.declarations.nominals }
    let kinds = Self.refining(protocols, in: all)
    var found: [Stage] = []
    let hidden = Set(all.filter { $0.isHidden && !$0.isExtension }.map(\.path))
    let declared = Set(all.filter { !$0.isExtension && !$0.isHidden && !$0.isProtocol }.map(\.path))
    for type in declared.subtracting(hidden).sorted() {
      let parts = all.filter { $0.path == type }
      guard parts.contains(where: { !kinds.isDisjoint(with: $0.inherits) }) else { continue }
      // A fingerprint that somebody wrote by hand stays.
      guard !parts.contains(where: { $0.members.contains("codeFingerprint") }) else { continue }
      let roots = parsed.indices.filter { parsed[$0].declarations.nominals.contains { $0.path == type } }
      found.append(Stage(type: type, files: Self.reached(from: roots, needs).map { parsed[$0].name }.sorted()))
    }
    stages = found
  }

  private static func refining(_ protocols: Set<String>, in nominals: [Declarations.Nominal]) -> Set<String> {
    var known = protocols
    while true {
      let more = nominals.filter { $0.isProtocol && !known.contains($0.name) && !known.isDisjoint(with: $0.inherits) }
      if more.isEmpty { return known }
      known.formUnion(more.map(\.name))
    }
  }

  /// The files whose declarations each file names.
  private static func needs(of files: [Declarations]) -> [[Int]] {
    let ownTypes = Set(files.flatMap { $0.nominals.filter { !$0.isExtension }.map(\.name) })
    var (types, members): ([String: Set<Int>], [String: Set<Int>]) = ([:], [:])
    for (index, file) in files.enumerated() {
      for name in file.topLevel { types[name, default: []].insert(index) }
      for nominal in file.nominals where !nominal.isHidden || nominal.isExtension {
        // A nested type is reached through the name of the one around it.
        let outermost = String(nominal.path.prefix { $0 != "." })
        if !nominal.isExtension || ownTypes.contains(outermost) {
          types[outermost, default: []].insert(index)
        } else {
          for name in nominal.members { members[name, default: []].insert(index) }
        }
      }
    }
    return files.enumerated().map { index, file in
      var needed = file.words.reduce(into: Set<Int>()) { $0.formUnion(types[$1] ?? []) }
      for name in file.selected.subtracting(file.declared) { needed.formUnion(members[name] ?? []) }
      return needed.subtracting([index]).sorted()
    }
  }

  private static func reached(from roots: [Int], _ needs: [[Int]]) -> Set<Int> {
    var reached = Set(roots)
    var open = roots
    while let next = open.popLast() {
      for file in needs[next] where reached.insert(file).inserted { open.append(file) }
    }
    return reached
  }
}

extension CodeMap {
  /// One hash over files that many stages share, C files and headers among them. Names count, and not their order.
  public static func hash(ofShared files: [(name: String, text: String)]) -> String {
    var hash = FowlerNollVo()
    for file in files.sorted(by: { $0.name < $1.name }) {
      for byte in file.name.utf8 { hash.add(byte) }
      hash.add(UInt8(0))
      hash.add(
        file.name.hasSuffix(".swift")
          ? SwiftTokens(file.text).tokens.fingerprint : CTokens(file.text).tokens.fingerprint)
    }
    return hash.value.hex
  }
}
