import Artifacts
import Foundation
import Synchronization
import Testing

@testable import Storing

/// Verifications beside runs and collections: what changes meanwhile is no damage.
@Suite struct VerificationTests {
  let scratch: Scratch
  let cache: Cache
  let made: Recipe
  let content = Content.value([UInt8](repeating: 5, count: 70_000))

  init() throws {
    scratch = try Scratch()
    cache = try Cache(scratch.path.appending("cache"))
    made = try recipe("made")
  }

  private func publish() throws -> Digest {
    let run = try cache.begin()
    let digest = try #require(try cache.publish(made, content, run: run).digest(port: ""))
    try cache.finish(run)
    return digest
  }

  @Test func whatWasCollectedMeanwhileIsNotDamaged() throws {
    let digest = try publish()
    _ = try cache.gc(keeping: .init(runs: 0))
    #expect(try cache.confirm([digest], setsAside: true) == [])
    #expect(try cache.confirm([digest], setsAside: false) == [])
  }

  @Test func whatCameAnewMeanwhileStays() throws {
    let digest = try publish()
    let object = cache.layout.object(digest)
    try Files.remove(object)
    #expect(try cache.confirm([digest], setsAside: false) == [digest])
    _ = try publish()
    #expect(try cache.confirm([digest], setsAside: true) == [])
    #expect(try cache.lookUp([made.key]).count == 1 && Files.status(of: object) != nil)
    try Files.remove(object)
    #expect(try cache.confirm([digest], setsAside: true) == [digest])
    #expect(try cache.lookUp([made.key]).isEmpty && cache.verify().isSound)
  }

  /// A file may go between a look at it and its opening.
  @Test func whatIsGoneIsNotIntact() throws {
    let folder = scratch.path.appending("folder")
    try Files.makeFolder(folder)
    let digest = try FolderManifest(of: folder).digest
    #expect(try ObjectCheck.isIntact(folder, digest, .folder))
    for form in [ContentForm.file, .folder] {
      let fault = InjectedFault(form == .file ? .open : .list, at: 1, .error(.noSuchFileOrDirectory))
      let path = form == .file ? folder.appending("file") : folder
      if form == .file { try Files.replace(path, with: [1]) }
      #expect(try InjectedFault.$current.withValue(fault) { try !ObjectCheck.isIntact(path, digest, form) })
      #expect(fault.calls > 0)
    }
  }

  /// Somebody appends all the time: the comparison of index and journal has to end without a false alarm.
  @Test func aJournalThatGrowsIsNotDamaged() throws {
    _ = try publish()
    let isOver = Mutex(false)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread { [root = cache.root, key = made.key] in
      do {
        let other = try Cache(root)
        var run: Int64 = 1
        while !isOver.withLock({ $0 }) {
          run += 1
          try other.pin([key], to: RunID(run))
          usleep(50)
        }
      } catch { Issue.record(error) }
      done.signal()
    }
    for _ in 0..<5 { #expect(try cache.verify().problems == []) }
    isOver.withLock { $0 = true }
    done.wait()
    #expect(try cache.verify().isSound)
  }
}
