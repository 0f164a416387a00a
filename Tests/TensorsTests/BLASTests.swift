import Foundation
import RetortTesting
import Tensors
import Testing

struct BLASTests {
  @Test func report() throws {
    let report = try BLAS.shared().report
    #expect(report.path.contains("openblas"))
    #expect(!report.configuration.isEmpty)
    // OpenBLAS runs with what was asked for, where anything was.
    if let requested = report.requestedCore { #expect(report.core.lowercased() == requested.lowercased()) }
    #expect(try BLAS.shared().measure(size: 64, repeats: 1) > 0)
  }

  /// The error of a machine without the library names what to install.
  @Test func aMissingLibrary() throws {
    let error = try #require(throws: TensorError.self) { try BLAS(library: "/nowhere/libopenblas.so.0") }
    #expect(error.description.contains("libopenblas-dev"))
    #expect(error.description.contains("/nowhere/libopenblas.so.0"))
  }

  @Test func aLibraryWithoutProducts() throws {
    #expect(throws: TensorError.self) { try BLAS(library: "libm.so.6") }
  }

  /// Each transposition against sums written out, for float and double.
  @Test(arguments: [(false, false), (false, true), (true, false), (true, true)])
  func products(left: Bool, right: Bool) throws {
    let (rows, columns, depth) = (5, 7, 3)
    let (a, b, c) = (coefficients(rows * depth), coefficients(depth * columns, seed: 2), coefficients(35, seed: 3))
    var expected = c
    for i in 0..<rows {
      for j in 0..<columns {
        expected[i * columns + j] *= 0.5
        for k in 0..<depth {
          let x = left ? a[k * rows + i] : a[i * depth + k]
          let y = right ? b[j * depth + k] : b[k * columns + j]
          expected[i * columns + j] += 2 * x * y
        }
      }
    }
    let shape = MatrixProduct(
      rows: rows, columns: columns, depth: depth, transposesLeft: left, transposesRight: right)
    var double = c
    Double.multiply(try .shared(), shape, alpha: 2, a, b, beta: 0.5, &double)
    #expect(relativeDifference(double, expected) < 1e-14)
    var float = c.map { Float($0) }
    Float.multiply(
      try .shared(), shape, alpha: 2, a.map { Float($0) }, b.map { Float($0) }, beta: 0.5, &float)
    #expect(relativeDifference(float, expected) < 1e-6)
  }
}
