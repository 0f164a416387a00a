import Artifacts
import Foundation
import Synchronization
import Testing

@Suite("Locks of a file that stays open")
struct LockFileTests {
  private static func path() -> FilePath {
    FilePath(FileManager.default.temporaryDirectory.path()).appending("locks-\(UUID().uuidString)")
  }

  @Test func holdersOfOneProcessExcludeEachOther() throws {
    let path = Self.path()
    defer { try? Files.remove(path) }
    let (file, other) = (LockFile(path), LockFile(path))
    var held = try file.attempt(.exclusive, at: 7)
    #expect(held != nil)
    #expect(try file.attempt(.exclusive, at: 7) == nil)
    #expect(try other.attempt(.shared, at: 7) == nil)
    #expect(try ByteLock.attempt(.shared, of: path, at: 7) == nil)
    #expect(try file.attempt(.exclusive, at: 8) != nil)
    #expect(try ByteLock.isHeld(path, at: 7))
    held = nil
    #expect(try !ByteLock.isHeld(path, at: 7))
    #expect(try !ByteLock.isHeld(path, at: 8))
    #expect(try file.attempt(.exclusive, at: 7) != nil)
  }

  @Test func sharedOnesDoNot() throws {
    let path = Self.path()
    defer { try? Files.remove(path) }
    let file = LockFile(path)
    var all = try (0..<40).map { _ in try file.wait(.shared, at: 2, through: 1) }
    #expect(try file.attempt(.exclusive, at: 2) == nil)
    // The turnstile is free again.
    #expect(try file.attempt(.exclusive, at: 1) != nil)
    all.removeAll()
    #expect(try file.attempt(.exclusive, at: 2) != nil)
  }

  /// More locks at a time than files are kept, one after the other by many threads: never two holders, none left behind.
  @Test func countsExactly() async throws {
    let path = Self.path()
    defer { try? Files.remove(path) }
    let file = LockFile(path)
    let ledger = Ledger()
    await withTaskGroup { group in
      for task in 0..<8 {
        group.addTask {
          for turn in 0..<200 {
            let byte = (task + turn) % 3
            guard let lock = try? file.wait(.exclusive, at: Int64(byte)) else { continue }
            ledger.enter(byte)
            ledger.leave(byte)
            withExtendedLifetime(lock) {}
          }
        }
      }
    }
    #expect(ledger.entries == 1600)
    for byte in 0..<3 { #expect(try !ByteLock.isHeld(path, at: Int64(byte))) }
  }

  /// Counts those who come in where nobody is.
  private final class Ledger: Sendable {
    private let state = Mutex((inside: Set<Int>(), entries: 0))

    var entries: Int { state.withLock { $0.entries } }
    func enter(_ byte: Int) { state.withLock { if $0.inside.insert(byte).inserted { $0.entries += 1 } } }
    func leave(_ byte: Int) { state.withLock { _ = $0.inside.remove(byte) } }
  }
}
