import ArgumentParser
import Models
import Retort

/// Cuts texts into a model's tokens.
struct TokenizeCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Cut texts into a model's tokens.",
    discussion: """
      It reads texts from stdin, one a line, and writes for each a line {"ids": […], "tokens": […], "offsets": […]}: \
      numbers, texts, and places [start, end] in Unicode scalars of the input, [0, 0] for special tokens around it. An \
      empty line is a text. Nothing is padded or cut.

      EXAMPLES
        retort tokenize models/minilm < reviews.txt
        retort tokenize models/minilm --json < strings.jsonl | jq -c .ids
      """)

  @Argument(help: "A folder with a tokenizer, or a label or the beginning of a digest in the cache.") var model: String
  @Flag(name: .customLong("no-special-tokens"), help: "Leave out the special tokens around each text.")
  var leavesOutSpecialTokens = false
  @Flag(help: "Each line is a JSON string, which may hold line feeds.") var json = false
  @OptionGroup var cache: CacheOptions

  func execute() async throws -> ProgramStatus {
    let tokenizer = try TokenizerFolder.read(ModelPlace.tokenizer(model, cache: cache.cache))
    var lines = InputLines()
    var writer = EncodingWriter()
    while let line = lines.next() {
      let text: String
      do {
        text = try string(in: line, number: lines.count)
      } catch {
        writer.flush()
        throw error
      }
      var encoding = Encoding()
      tokenizer.tokenize(text, into: &encoding, wantsOffsets: true)
      writer.write(leavesOutSpecialTokens ? encoding : tokenizer.frame(encoding, nil), of: tokenizer)
    }
    writer.flush()
    return .fine
  }

  private func string(in line: [UInt8], number: Int) throws -> String {
    let place = Place(file: "stdin", line: number)
    guard json else {
      guard let text = String(validating: line, as: UTF8.self) else {
        throw RetortError("tokenize.notText", "The line is not UTF-8.", at: place)
      }
      return text
    }
    do throws(JSONFault) {
      guard let text = try JSONValue(parsing: line).text else {
        throw JSONFault(reason: "the line holds another value", offset: 0)
      }
      return text
    } catch {
      throw RetortError(
        "tokenize.notJSON", "The line is no JSON string: \(error.reason).",
        remedy: "With --json each line is one string in quotes.", at: place)
    }
  }
}
