import Artifacts
import Testing

@testable import Training

/// Layer maps against the tables of the literature, written out.
struct LayerMapTests {
  private func teachers(_ map: LayerMap, _ teacher: Int, _ student: Int) throws -> [Int] {
    try map.pairs(teacher: teacher, student: student).map(\.teacher.value)
  }

  @Test func tables() throws {
    #expect(try teachers(.uniform, 12, 6) == [1, 3, 5, 7, 9, 11])
    #expect(try teachers(.uniform, 12, 4) == [2, 5, 8, 11])
    #expect(try teachers(.pkdSkip, 12, 6) == [1, 3, 5, 7, 9])
    #expect(try teachers(.pkdLast, 12, 6) == [6, 7, 8, 9, 10])
    #expect(try teachers(.pkdSkip, 24, 6) == [3, 7, 11, 15, 19])
    // Counted from 1: {2, 4}, {4, 5} for 6 and 3 blocks, {4, 8}, {10, 11} for 12 and 3.
    #expect(try teachers(.pkdSkip, 6, 3) == [1, 3])
    #expect(try teachers(.pkdLast, 6, 3) == [3, 4])
    #expect(try teachers(.pkdSkip, 12, 3) == [3, 7])
    #expect(try teachers(.pkdLast, 12, 3) == [9, 10])
    #expect(try teachers(.distilBERT, 12, 6) == [0, 2, 4, 7, 9, 11])
    #expect(try teachers(.first, 12, 3) == [0, 1, 2])
    #expect(try teachers(.last, 12, 3) == [9, 10, 11])
    #expect(try teachers(.rounded, 6, 4) == [1, 2, 3, 5])
    let last = try LayerMap.lastOnly.pairs(teacher: 12, student: 6)
    #expect(last == [LayerPair(student: 5, teacher: 11)])
    #expect(last[0].student.output == HiddenIndex(6))
  }

  @Test func ascendsStaysInRangeAndIsTheIdentityForEqualDepths() throws {
    for teacher in 1...12 {
      for student in 1...teacher {
        for map in [LayerMap.rounded, .first, .last, .pkdLast] + (teacher % student == 0 ? [.uniform, .pkdSkip] : []) {
          let pairs = try map.pairs(teacher: teacher, student: student)
          #expect(zip(pairs, pairs.dropFirst()).allSatisfy { $0.teacher < $1.teacher && $0.student < $1.student })
          #expect(
            pairs.allSatisfy { (0..<teacher).contains($0.teacher.value) && (0..<student).contains($0.student.value) })
        }
      }
      for map in [LayerMap.uniform, .rounded, .first, .last, .identity] {
        #expect(try teachers(map, teacher, teacher) == Array(0..<teacher))
      }
    }
  }

  @Test(arguments: [
    (LayerMap.uniform, 12, 5), (.uniform, 2, 4), (.pkdSkip, 12, 5), (.identity, 4, 2), (.distilBERT, 6, 3),
    (.first, 2, 3), (.explicit([]), 4, 2), (.explicit([LayerPair(student: 0, teacher: 4)]), 4, 2),
    (.explicit([LayerPair(student: 0, teacher: 1), LayerPair(student: 0, teacher: 2)]), 4, 2),
  ]) func refusals(map: LayerMap, teacher: Int, student: Int) throws {
    let error = try #require(throws: RetortError.self) { try map.pairs(teacher: teacher, student: student) }
    #expect(error.code == "layers.map" && !error.remedy.isEmpty)
  }
}
