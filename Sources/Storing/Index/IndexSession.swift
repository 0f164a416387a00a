import Artifacts

/// The prepared statements and interned values of one connection.
final class IndexSession {
  let connection: SQLiteConnection
  private var statements: [String: IndexStatement] = [:]
  private var stages: [Int64: StageIdentity] = [:]
  private var stageIDs: [StageIdentity: Int64] = [:]
  private var profiles: [Int64: NumericsProfile] = [:]
  private var profileIDs: [NumericsProfile: Int64] = [:]
  private var facts: [[UInt8]: Facts] = [:]

  init(_ connection: SQLiteConnection) { self.connection = connection }

  /// A statement that is prepared once.
  func statement(_ sql: String) throws -> IndexStatement {
    if let known = statements[sql] {
      known.reset()
      return known
    }
    let made = try IndexStatement(connection, sql)
    statements[sql] = made
    return made
  }

  /// What a rolled-back transaction may have interned.
  func forgetInterned() {
    (stages, stageIDs, profiles, profileIDs) = ([:], [:], [:], [:])
  }

  // MARK: State

  func state() throws -> IndexState? {
    let row = try statement("SELECT generation, offset, chain, runs, forgotten, sum FROM state WHERE id = 1")
    defer { row.reset() }
    guard try row.step() else { return nil }
    let state = IndexState(
      generation: UInt64(bitPattern: row.integer(0)),
      position: JournalPosition(offset: row.integer(1), check: UInt64(bitPattern: row.integer(2))),
      runs: row.integer(3), forgotten: row.integer(4))
    guard state.sum == row.integer(5) else { throw RetortError.damagedRow }
    return state
  }

  func save(_ state: IndexState) throws {
    let row = try statement("INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?, ?, ?, ?)")
    row.bind(1, Int64(bitPattern: state.generation))
    row.bind(2, state.position.offset)
    row.bind(3, Int64(bitPattern: state.position.check))
    row.bind(4, state.runs)
    row.bind(5, state.forgotten)
    row.bind(6, state.sum)
    try row.run()
  }

  // MARK: Stages and profiles

  func stage(_ id: Int64) throws -> StageIdentity {
    if let known = stages[id] { return known }
    let row = try statement("SELECT name, version, sum FROM stage WHERE id = ?")
    row.bind(1, id)
    defer { row.reset() }
    guard try row.step() else { throw RetortError.damagedRow }
    let stage = StageIdentity(id: try row.text(0), version: Int(row.integer(1)))
    guard Self.sum(stage, id) == row.integer(2) else { throw RetortError.damagedRow }
    stages[id] = stage
    return stage
  }

  func id(of stage: StageIdentity) throws -> Int64 {
    if let known = stageIDs[stage] { return known }
    let row = try statement("SELECT id FROM stage WHERE name = ? AND version = ?")
    row.bind(1, stage.id)
    row.bind(2, Int64(stage.version))
    defer { row.reset() }
    if try row.step() {
      let id = row.integer(0)
      guard try self.stage(id) == stage else { throw RetortError.damagedRow }
      stageIDs[stage] = id
      return id
    }
    let id = try nextID(in: "stage")
    let new = try statement("INSERT INTO stage VALUES (?, ?, ?, ?)")
    new.bind(1, id)
    new.bind(2, stage.id)
    new.bind(3, Int64(stage.version))
    new.bind(4, Self.sum(stage, id))
    try new.run()
    stageIDs[stage] = id
    return id
  }

  func profile(_ id: Int64) throws -> NumericsProfile {
    if let known = profiles[id] { return known }
    let row = try statement("SELECT kernels, blas, build, sum FROM profile WHERE id = ?")
    row.bind(1, id)
    defer { row.reset() }
    guard try row.step() else { throw RetortError.damagedRow }
    let profile = NumericsProfile(kernels: try row.text(0), blas: try row.text(1), build: try row.text(2))
    guard Self.sum(profile, id) == row.integer(3) else { throw RetortError.damagedRow }
    profiles[id] = profile
    return profile
  }

  func id(of profile: NumericsProfile) throws -> Int64 {
    if let known = profileIDs[profile] { return known }
    let row = try statement("SELECT id FROM profile WHERE kernels = ? AND blas = ? AND build = ?")
    row.bind(1, profile.kernels)
    row.bind(2, profile.blas)
    row.bind(3, profile.build)
    defer { row.reset() }
    if try row.step() {
      let id = row.integer(0)
      guard try self.profile(id) == profile else { throw RetortError.damagedRow }
      profileIDs[profile] = id
      return id
    }
    let id = try nextID(in: "profile")
    let new = try statement("INSERT INTO profile VALUES (?, ?, ?, ?, ?)")
    new.bind(1, id)
    new.bind(2, profile.kernels)
    new.bind(3, profile.blas)
    new.bind(4, profile.build)
    new.bind(5, Self.sum(profile, id))
    try new.run()
    profileIDs[profile] = id
    return id
  }

  private func nextID(in table: String) throws -> Int64 {
    let row = try statement("SELECT coalesce(max(id), 0) + 1 FROM \(table)")
    defer { row.reset() }
    _ = try row.step()
    return row.integer(0)
  }

  private static func sum(_ stage: StageIdentity, _ id: Int64) -> Int64 {
    var sum = Checksum(seed: RowSalt.stage)
    sum.add(id)
    sum.add(stage.id)
    sum.add(Int64(stage.version))
    return sum.signed
  }

  private static func sum(_ profile: NumericsProfile, _ id: Int64) -> Int64 {
    var sum = Checksum(seed: RowSalt.profile)
    sum.add(id)
    sum.add(profile.kernels)
    sum.add(profile.blas)
    sum.add(profile.build)
    return sum.signed
  }

  // MARK: Facts

  /// Facts from their stored form; a sweep's artifacts share most of them.
  func facts(_ encoded: [UInt8]) throws -> Facts {
    if encoded.isEmpty { return .unknown }
    if let known = facts[encoded] { return known }
    let decoded = try Facts(encoded: encoded)
    facts[encoded] = decoded
    return decoded
  }
}
