import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The encoding of a pipeline's stages, which a second thread may share.
///
/// The owner asks for stages from the last one down, since it finds out on the way which are needed. A helper takes those from
/// the first one up, needed or not, until the two meet.
final class TemplateEncoding: @unchecked Sendable {
  typealias Made = Result<RecipeTemplate, RetortError>

  private let stages: [DeclaredStage]
  private let options: PlanOptions
  /// The owner's own.
  private let encoder: RecipeEncoder
  /// Stages are taken in groups: this many of them a claim.
  private static let group = 32
  /// Fewer are encoded before a helper has come.
  private static let fewest = 8 * group
  /// The owner has this group and all above it.
  private var owned: Int
  /// How many groups the helper has claimed, in the lower half; below which group it may claim, in the upper half.
  private let claims: Atomic<UInt64>
  /// How many of them it has encoded.
  private let encoded = Atomic<Int>(0)
  /// By stage; written by the helper before it counts a group as encoded.
  private let made: UnsafeMutableBufferPointer<Made?>

  init(_ stages: [DeclaredStage], options: PlanOptions) {
    (self.stages, self.options) = (stages, options)
    encoder = RecipeEncoder(defaultSeed: options.defaultSeed)
    owned = (stages.count + Self.group - 1) / Self.group
    claims = Atomic(UInt64(owned) << 32)
    made = .allocate(capacity: stages.count < Self.fewest ? 0 : stages.count)
    made.initialize(repeating: nil)
  }

  deinit {
    made.deinitialize()
    made.deallocate()
  }

  /// Whether there is enough to share.
  var isLarge: Bool { !made.isEmpty }

  // MARK: The owner

  /// The template of a stage that comes before all those that were asked for.
  func template(of node: Int, _ traits: StageTraits) -> Made {
    let group = node / Self.group
    if isLarge, group < owned {
      let helped = claim(downTo: group)
      if group < helped {
        wait(for: group)
        if let made = made[node] { return made }
      }
      owned = max(group, helped)
    }
    return Self.made { () throws(RetortError) in try encoder.template(of: stages[node].stage, traits: traits) }
  }

  /// Takes a group and all above it, as far as the helper does not have them.
  ///
  /// - Returns: how many groups the helper has.
  private func claim(downTo group: Int) -> Int {
    var now = claims.load(ordering: .relaxed)
    while true {
      let helped = Int(now & 0xFFFF_FFFF)
      let next = UInt64(max(group, helped)) << 32 | UInt64(helped)
      let (done, current) = claims.compareExchange(expected: now, desired: next, ordering: .acquiringAndReleasing)
      if done { return helped }
      now = current
    }
  }

  private func wait(for group: Int) { while encoded.load(ordering: .acquiring) <= group { sched_yield() } }

  /// Ends the sharing: afterwards no other thread uses the stages.
  func end() {
    guard isLarge else { return }
    let helped = claim(downTo: 0)
    if helped > 0 { wait(for: helped - 1) }
  }

  // MARK: The helper

  /// Encodes stages on the calling thread as long as there are some that nobody has taken.
  func help() {
    let encoder = RecipeEncoder(defaultSeed: options.defaultSeed)
    var catalogue = StageCatalogue(machine: options.machine)
    while let group = claimNext() {
      for node in group * Self.group..<min((group + 1) * Self.group, stages.count) {
        let stage = stages[node].stage
        let traits = catalogue.traits(of: stage)
        made[node] = Self.made { () throws(RetortError) in try encoder.template(of: stage, traits: traits) }
      }
      encoded.store(group + 1, ordering: .releasing)
    }
  }

  private func claimNext() -> Int? {
    var now = claims.load(ordering: .relaxed)
    while true {
      let helped = now & 0xFFFF_FFFF
      guard helped < now >> 32 else { return nil }
      let (done, current) = claims.compareExchange(
        expected: now, desired: now + 1, ordering: .acquiringAndReleasing)
      if done { return Int(helped) }
      now = current
    }
  }

  private static func made(_ make: () throws(RetortError) -> RecipeTemplate) -> Made {
    do {
      return .success(try make())
    } catch {
      return .failure(error)
    }
  }
}
