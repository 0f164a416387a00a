import Foundation
import Synchronization
import Testing

@testable import Executing

@Suite("A program's asynchronous work stays on the thread that it began on")
struct MainThreadTests {
  @Test func staysThere() {
    let threads = Mutex<[pthread_t]>([])
    let note: @Sendable () -> Void = { threads.withLock { $0.append(pthread_self()) } }
    MainThread.run {
      note()
      await Task.yield()
      note()
      try? await Task.sleep(nanoseconds: 1_000_000)
      note()
      await Self.elsewhere()
      note()
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        StageThreads.shared.run { continuation.resume() }
      }
      note()
    }
    let seen = threads.withLock { $0 }
    #expect(seen.count == 5 && seen.allSatisfy { pthread_equal($0, pthread_self()) != 0 })
  }

  @Test func manyAtOnce() {
    let sum = Sum()
    MainThread.run {
      await withTaskGroup(of: Void.self) { group in
        for number in 1...1_000 {
          group.addTask {
            await Task.yield()
            sum.add(number)
          }
        }
      }
    }
    #expect(sum.value == 500_500)
  }

  private final class Sum: Sendable {
    private let total = Mutex(0)
    var value: Int { total.withLock { $0 } }
    func add(_ number: Int) { total.withLock { $0 += number } }
  }

  private actor Elsewhere {
    let coordinator = CoordinatorThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { coordinator.asUnownedSerialExecutor() }
    func thread() -> pthread_t { pthread_self() }
  }

  private static func elsewhere() async {
    let thread = await Elsewhere().thread()
    #expect(pthread_equal(thread, pthread_self()) == 0)
  }
}
