import Testing

@testable import Stages

struct TagSchemeTests {
  private func converted(_ tags: String, _ scheme: TagScheme) throws -> String {
    try scheme.converted(tags.split(separator: " ").map(String.init)).joined(separator: " ")
  }

  @Test(arguments: [
    (TagScheme.iob1, "I-PER I-PER O I-LOC I-ORG B-ORG I-ORG O I-PER", "B-PER I-PER O B-LOC B-ORG B-ORG I-ORG O B-PER"),
    (.iob2, "B-PER I-PER O B-LOC B-ORG B-ORG I-ORG O", "B-PER I-PER O B-LOC B-ORG B-ORG I-ORG O"),
    (.bioes, "B-PER I-PER E-PER O S-LOC B-ORG E-ORG S-ORG", "B-PER I-PER I-PER O B-LOC B-ORG I-ORG B-ORG"),
    (.bioes, "B-PER I-PER L-PER O U-LOC", "B-PER I-PER I-PER O B-LOC"),
    (.plain, "NOUN B- I O", "NOUN B- I O"), (.iob2, "B-a-b I-a-b", "B-a-b I-a-b"), (.iob1, "", ""),
  ]) func conversions(scheme: TagScheme, tags: String, wanted: String) throws {
    #expect(try converted(tags, scheme) == wanted)
  }

  @Test(arguments: [
    (TagScheme.iob2, "O I-PER", 1), (.iob2, "B-PER I-LOC", 1), (.iob2, "PER", 0), (.iob2, "B-", 0), (.iob2, "B", 0),
    (.iob2, "S-PER", 0), (.bioes, "B-PER O", 0), (.bioes, "I-PER", 0), (.bioes, "B-PER I-PER", 1),
    (.bioes, "S-PER E-PER", 1), (.bioes, "B-PER B-PER E-PER", 0), (.bioes, "B-PER E-PER I-PER", 2), (.iob1, "X-PER", 0),
  ]) func refusals(scheme: TagScheme, tags: String, word: Int) {
    let fault = #expect(throws: TagFault.self) { _ = try converted(tags, scheme) }
    #expect(fault?.word == word)
    #expect(fault?.reason.isEmpty == false && fault?.remedy.isEmpty == false)
  }

  @Test func labels() {
    #expect(TagScheme.iob1.labels(ofTags: ["I-b", "O", "B-a"]) == ["O", "B-a", "I-a", "B-b", "I-b"])
    #expect(TagScheme.plain.labels(ofTags: ["VERB", "ADJ"]) == ["ADJ", "VERB"])
  }
}
