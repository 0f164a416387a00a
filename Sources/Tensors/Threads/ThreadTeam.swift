/// A few threads of one's own that share out numbered pieces of work.
///
/// Shards of a batch and blocks of a parameter buffer run here, never on Swift's cooperative pool, whose timers they
/// would hold up. Which thread does which piece is not defined, so pieces must not depend on one another.
public final class ThreadTeam: Sendable {
  /// Threads that work at once, the caller's included.
  public let count: Int
  private let desk = Desk()

  /// Starts `count` − 1 threads; with 1 all work is done by the caller.
  public init(_ count: Int) {
    self.count = max(1, count)
    for worker in 1..<max(2, self.count) where worker < self.count {
      // Where the system has no thread left, those that are there do all the work.
      _ = OwnThread.start { [desk] in desk.work(as: worker) }
    }
  }

  deinit { desk.close() }

  /// Does pieces `0 ..< pieces` and returns when all are done.
  ///
  /// - Parameter body: is given the piece and the worker (`0 ..< count`): no two pieces run as one worker at once, so a
  ///   worker's number may index scratch memory.
  /// - Throws: the error of the lowest-numbered piece that threw; the others are done all the same.
  public func run(_ pieces: Int, _ body: (_ piece: Int, _ worker: Int) throws -> Void) throws {
    guard pieces > 0 else { return }
    guard count > 1, pieces > 1 else {
      for piece in 0..<pieces { try body(piece, 0) }
      return
    }
    try withoutActuallyEscaping(body) { body in
      if let error = desk.share(pieces, body) { throw error }
    }
  }

  /// The same, with what each piece gives, in the pieces' order.
  public func map<Value>(_ pieces: Int, _ body: (_ piece: Int, _ worker: Int) throws -> Value) throws -> [Value] {
    let results = Results<Value>(count: max(0, pieces))
    try run(pieces) { piece, worker in results[piece] = try body(piece, worker) }
    return results.all
  }

  /// Values that pieces give at once, each in a place of its own.
  private final class Results<Value>: @unchecked Sendable {
    private let places: UnsafeMutableBufferPointer<Value?>

    init(count: Int) {
      places = .allocate(capacity: count)
      places.initialize(repeating: nil)
    }

    deinit {
      places.deinitialize()
      places.deallocate()
    }

    subscript(piece: Int) -> Value? {
      get { places[piece] }
      set { places[piece] = newValue }
    }

    var all: [Value] { places.compactMap { $0 } }
  }

  /// The work at hand. All fields are guarded by `condition`.
  private final class Desk: @unchecked Sendable {
    private let condition = Condition()
    private var body: ((Int, Int) throws -> Void)?
    private var next = 0
    private var pieces = 0
    private var finished = 0
    private var failure: (piece: Int, error: any Error)?
    private var isClosing = false

    func work(as worker: Int) {
      condition.lock()
      while !isClosing {
        if !takePiece(as: worker) { condition.wait() }
      }
      condition.unlock()
    }

    func share(_ pieces: Int, _ body: @escaping (Int, Int) throws -> Void) -> (any Error)? {
      condition.lock()
      (self.body, self.pieces, next, finished, failure) = (body, pieces, 0, 0, nil)
      condition.broadcast()
      while takePiece(as: 0) {}
      while finished < pieces { condition.wait() }
      self.body = nil
      defer { condition.unlock() }
      return failure?.error
    }

    func close() {
      condition.lock()
      isClosing = true
      condition.broadcast()
      condition.unlock()
    }

    /// Does one piece, if there is one, with the lock open meanwhile.
    private func takePiece(as worker: Int) -> Bool {
      guard let body, next < pieces else { return false }
      let piece = next
      next += 1
      condition.unlock()
      let outcome = Result { try body(piece, worker) }
      condition.lock()
      if case .failure(let error) = outcome, failure.map({ piece < $0.piece }) ?? true { failure = (piece, error) }
      finished += 1
      if finished == pieces { condition.broadcast() }
      return true
    }
  }
}
