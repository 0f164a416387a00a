/// Turns the grammar's output into written English: no space before punctuation, a capital, a full stop.
enum ReviewText {
  static func finish(_ raw: String) -> String {
    var text = ""
    var gap = false
    for word in raw.split(separator: " ") {
      let closes = [",", ";", ":", ")", "”"].contains(word)
      if gap, !closes { text += " " }
      text += word
      gap = word != "(" && word != "“"
    }
    guard let start = text.firstIndex(where: { $0.isLetter }) else { return text }
    return text[..<start] + text[start].uppercased() + text[text.index(after: start)...] + "."
  }
}
