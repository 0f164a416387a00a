import Testing

@testable import Training

/// Which units stay, on scores of which one sees it.
struct UnitSelectionTests {
  private let scores: [[Double]] = [[0.1, 0.9, 0.5, 0.3], [2, 3, 1, 4], [0.01, 0.02, 0.04, 0.03]]
  private let all = [[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]]

  @Test func even() {
    #expect(UnitSelection.even(scores, among: all, leaving: [2, 2, 2]) == [[1, 2], [1, 3], [2, 3]])
    #expect(UnitSelection.even(scores, among: [[0, 3], [0, 2], [1]], leaving: [1, 1, 1]) == [[3], [0], [1]])
  }

  @Test func unevenKeepsOneOfEachBlock() {
    // The six best are 4, 3, 2, 1, 0.9, 0.5; the third block would be empty and gets 0.04 back.
    #expect(UnitSelection.uneven(scores, among: all, leaving: 6) == [[1, 2], [0, 1, 2, 3], [2]])
    #expect(UnitSelection.uneven(scores, among: all, leaving: 0) == [[1], [3], [2]])
  }

  @Test func groups() {
    // Groups of two: (0.1 + 0.3), (0.5 + 0.9); (1 + 2), (3 + 4); (0.01 + 0.02), (0.03 + 0.04).
    #expect(UnitSelection.uneven(scores, among: all, leaving: 6, groupsOf: 2) == [[1, 2], [0, 1, 2, 3], [2, 3]])
    #expect(UnitSelection.uneven(scores, among: all, leaving: 7, groupsOf: 2) == [[1, 2], [0, 1, 2, 3], [2, 3]])
    #expect(
      UnitSelection.uneven(scores, among: all, leaving: 8, groupsOf: 2) == [[0, 1, 2, 3], [0, 1, 2, 3], [2, 3]])
  }

  @Test func theEarlierOfEqualsStays() {
    let equal = [[1.0, 1, 1], [1, 1, 1]]
    let units = [[0, 1, 2], [0, 1, 2]]
    #expect(UnitSelection.even(equal, among: units, leaving: [1, 2]) == [[0], [0, 1]])
    #expect(UnitSelection.uneven(equal, among: units, leaving: 4) == [[0, 1, 2], [0]])
  }
}
