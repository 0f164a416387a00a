extension StageContext {
  /// The context of one phase of a stage that has several, such as pruning and then training.
  ///
  /// A stage has one snapshot. In it each phase sees only sections of its own; those of finished phases are carried along,
  /// so that each can go on from its end without computing it again.
  ///
  /// - Parameters:
  ///   - name: unlike the other phases' names, without a full stop.
  ///   - finished: the last snapshots of the phases that are over, by name.
  public func phase(_ name: String, after finished: [String: Snapshot] = [:]) -> StageContext {
    StageContext(PhaseServices(base: services, prefix: "\(name).", carried: PhaseServices.sections(of: finished)))
  }
}

/// Passes everything on, and gives the sections of snapshots a prefix.
private struct PhaseServices: StageServices {
  let base: any StageServices
  let prefix: String
  let carried: [String: [UInt8]]

  static func sections(of phases: [String: Snapshot]) -> [String: [UInt8]] {
    var sections: [String: [UInt8]] = [:]
    for (name, snapshot) in phases {
      for (section, bytes) in snapshot.sections { sections["\(name).\(section)"] = bytes }
    }
    return sections
  }

  func restore() throws -> Snapshot? {
    guard let whole = try base.restore() else { return nil }
    let own = whole.sections.filter { $0.key.hasPrefix(prefix) }.map {
      (String($0.key.dropFirst(prefix.count)), $0.value)
    }
    return own.isEmpty ? nil : Snapshot(Dictionary(own) { first, _ in first })
  }

  func checkpoint(_ make: () throws -> Snapshot) throws {
    try base.checkpoint {
      var sections = carried
      for (section, bytes) in try make().sections { sections[prefix + section] = bytes }
      return Snapshot(sections)
    }
  }

  var defaultSeed: UInt64 { base.defaultSeed }
  var threads: Int { base.threads }
  var devices: [String: [String]] { base.devices }
  func part(of edge: Edge) throws -> StoredPart { try base.part(of: edge) }
  func copy(_ source: SourceDeclaration) throws -> FilePath { try base.copy(source) }
  func check(_ source: SourceDeclaration) throws { try base.check(source) }
  func makeFolder(_ name: String) throws -> FilePath { try base.makeFolder(name) }
  func report(_ progress: Progress) { base.report(progress) }
  func record(_ name: String, _ value: Double) { base.record(name, value) }
  func log(_ line: String) { base.log(line) }
  func checkCancellation() throws { try base.checkCancellation() }
  var isStopRequested: Bool { base.isStopRequested }
  func run<S: Stage>(_ stage: S) async throws -> Edge { try await base.run(stage) }
}
