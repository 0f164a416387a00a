import Testing

@testable import Inspecting

@Suite struct QuantityTests {
  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9_949, "9.9 kB"), (9_960, "10 kB"), (999_499, "999 kB"),
    (999_600, "1.0 MB"), (90_900_000, "91 MB"), (1_500_000_000_000, "1.5 TB"),
  ])
  func bytes(_ number: Int, _ text: String) {
    #expect(number.asBytes == text)
  }

  @Test(arguments: [
    (0.0, "0 ms"), (0.05, "50 ms"), (0.3, "0.3 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (250, "4 min 10 s"),
    (7500, "2 h 5 min"), (.infinity, "–"),
  ])
  func seconds(_ number: Double, _ text: String) {
    #expect(number.asSeconds == text)
  }
}
