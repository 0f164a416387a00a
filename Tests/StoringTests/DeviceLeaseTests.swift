import Artifacts
import Foundation
import Testing

@testable import Storing

@Suite("Leases of devices", .serialized) struct DeviceLeaseTests {
  let scratch: Scratch
  var root: FilePath { scratch.path.appending("cache") }

  init() throws { scratch = try Scratch() }

  @Test func oneAtATimeInAProcess() throws {
    let cache = try Cache(root)
    let first = try #require(try cache.lease(Device("gpu", "0")))
    #expect(try cache.lease(Device("gpu", "0")) == nil)
    for other in [Device("gpu", "1"), Device("gpu0", ""), Device("tpu", "0")] { #expect(try cache.lease(other) != nil) }
    // Another view of the same cache is no way around it.
    #expect(try Cache(root).lease(Device("gpu", "0")) == nil)
    first.release()
    #expect(try cache.lease(Device("gpu", "0")) != nil)
  }

  /// However its holder ends, the device is free.
  @Test func theKernelFreesThem() throws {
    let cache = try Cache(root)
    let holder = try ProbeProcess(["device", root.string, "gpu", "0"], in: scratch.path)
    while try !holder.lines.contains("held") { usleep(1000) }
    #expect(try cache.lease(Device("gpu", "0")) == nil && cache.lease(Device("gpu", "1")) != nil)
    holder.kill()
    _ = try holder.wait()
    #expect(try cache.lease(Device("gpu", "0")) != nil)
  }

  @Test func bytesOfUnlikeThingsNeverMeet() throws {
    let key = LockByte.key(try recipe("a").key)
    let device = LockByte.device(Device("gpu", "0"))
    #expect(key >= 1 << 61 && device >= 1 << 60 && device < 1 << 61 && LockByte.run(RunID(1 << 30)) < 1 << 60)
  }
}
