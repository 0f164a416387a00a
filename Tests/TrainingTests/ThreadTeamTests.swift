import Models
import Synchronization
import Tensors
import Testing
import Training

struct ThreadTeamTests {
  @Test(arguments: [1, 2, 5]) func everyPieceIsDoneOnce(threads: Int) throws {
    let team = ThreadTeam(threads)
    for pieces in [0, 1, 2, 17, 200] {
      let counts = Mutex([Int](repeating: 0, count: pieces))
      let busy = Mutex(Set<Int>())
      try team.run(pieces) { piece, worker in
        #expect((0..<threads).contains(worker))
        #expect(busy.withLock { $0.insert(worker).inserted })
        counts.withLock { $0[piece] += 1 }
        _ = busy.withLock { $0.remove(worker) }
      }
      #expect(counts.withLock { $0 } == [Int](repeating: 1, count: pieces))
    }
  }

  @Test(arguments: [1, 3]) func theFirstErrorIsThrown(threads: Int) {
    struct Fault: Error, Equatable { var piece: Int }
    let team = ThreadTeam(threads)
    #expect(throws: Fault(piece: 4)) {
      try team.run(20) { piece, _ in if piece >= 4 { throw Fault(piece: piece) } }
    }
    // The team goes on working.
    #expect(throws: Never.self) { try team.run(3) { _, _ in } }
  }

  @Test func mapKeepsTheOrderOfThePieces() throws {
    struct Odd: Error, Equatable { var piece: Int }
    for count in 1...3 {
      let team = ThreadTeam(count)
      #expect(try team.map(50) { piece, _ in "\(piece * piece)" } == (0..<50).map { "\($0 * $0)" })
      #expect(try team.map(0) { _, _ in 1 }.isEmpty)
      #expect(throws: Odd(piece: 7)) {
        try team.map(20) { piece, _ in
          if piece >= 7 { throw Odd(piece: piece) }
          return piece
        }
      }
    }
  }
}
