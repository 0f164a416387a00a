import CKernels

/// What `retort doctor` says about the matrix library.
public struct BLASReport: Sendable, Equatable {
  /// The file that was loaded.
  public var path: String
  /// OpenBLAS's description of its build.
  public var configuration: String
  /// The kernel family it runs with, such as `Cooperlake`; empty when it does not say.
  public var core: String
  /// `OPENBLAS_CORETYPE` as it was when the library was loaded; nil when unset.
  public var requestedCore: String?
  /// Whether the user had set the variable.
  public var requestedByUser: Bool
  /// The family that suits this CPU's flags; nil where OpenBLAS should choose.
  public var suitableCore: String?
}

extension BLAS {
  public var report: BLASReport {
    BLASReport(
      path: text(\.path), configuration: text(\.config), core: text(\.core),
      requestedCore: text(\.requested).isEmpty ? nil : text(\.requested),
      requestedByUser: functions.pointee.requested_by_user != 0,
      suitableCore: retort_blas_core_for_this_cpu().map { String(cString: $0) })
  }

  /// The best rate of square products on one core, in GFLOP/s.
  public func measure(size: Int = 1024, repeats: Int = 5) -> Double {
    let count = size * size
    let operands = FlatBuffer<Float>(count: 3 * count)
    operands.fill(0.5)
    let (a, b, c) = (operands.pointer, operands.pointer + count, operands.pointer + 2 * count)
    let clock = ContinuousClock()
    var best = Duration.seconds(3600)
    for _ in 0..<max(1, repeats) {
      let elapsed = clock.measure {
        sgemm(MatrixProduct(rows: size, columns: size, depth: size), alpha: 1, a, b, beta: 0, c)
      }
      best = min(best, elapsed)
    }
    return 2 * Double(size) * Double(size) * Double(size) / best.seconds / 1e9
  }

  private func text<Value>(_ field: KeyPath<retort_blas, Value>) -> String {
    withUnsafeBytes(of: functions.pointee[keyPath: field]) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
