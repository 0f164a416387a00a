import Foundation
import Testing

/// What `retort doctor` says of a machine that lacks something, and that work goes on where it can.
struct DoctorTests {
  private func doctor(_ environment: [String: String]) throws -> (
    result: BuiltProgram.Result, findings: [String: String]
  ) {
    let folder = try TemporaryFolder("doctor")
    var program = BuiltProgram("retort", in: folder.url)
    program.environment = environment
    let result = try program.run(["doctor", "--no-measure", "--json"])
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    var findings: [String: String] = [:]
    for finding in object?["findings"] as? [[String: Any]] ?? [] {
      let words = ["verdict", "value", "remedy"].compactMap { finding[$0] as? String }
      findings[finding["name"] as? String ?? ""] = words.joined(separator: " | ")
    }
    return (result, findings)
  }

  @Test func aWrongKernelIsExplained() throws {
    let (result, findings) = try doctor(["OPENBLAS_CORETYPE": "Prescott"])
    let said = try #require(findings["BLAS"])
    #expect(result.status == 0)
    // A machine for which Prescott is right has nothing to complain of.
    if said.hasPrefix("hint") {
      #expect(said.contains("core Prescott") && said.contains("OPENBLAS_CORETYPE is set. Unset it"))
    }
  }

  @Test func withoutOpenBLASThePackageIsNamed() throws {
    let (result, findings) = try doctor(["RETORT_OPENBLAS": "/nowhere/libopenblas.so"])
    #expect(result.status == 1)
    #expect(findings["BLAS"]?.contains("apt-get install libopenblas0") == true)
    let folder = try TemporaryFolder("no-blas")
    var quickstart = Quickstart(in: folder.url)
    quickstart.program.environment = ["RETORT_OPENBLAS": "/nowhere/libopenblas.so"]
    let run = try quickstart.run()
    #expect(run.status != 0 && run.errors.contains("libopenblas0"), "\(run.errors)")
  }

  @Test func withoutOneDNNNothingIsLost() throws {
    let (result, findings) = try doctor(["RETORT_ONEDNN": "/nowhere/libdnnl.so"])
    #expect(result.status == 0)
    let said = try #require(findings["oneDNN"])
    #expect(said.hasPrefix("fine | not installed, which costs nothing") && said.contains("apt-get install libdnnl3"))
    #expect(findings["int8"]?.contains("own loops") == true)
  }
}
