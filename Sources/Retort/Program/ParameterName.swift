/// Names of parameters as they stand on the command line.
enum ParameterName {
  /// `learningRate`, `LearningRate` and `BERTSize` as `learning-rate`, `learning-rate` and `bert-size`.
  static func kebab(_ name: String) -> String {
    var result = ""
    let letters = Array(name.drop { $0 == "_" })
    for (index, letter) in letters.enumerated() {
      if letter == "_" || letter == "-" || letter == "." {
        if !result.isEmpty, result.last != "-" { result.append("-") }
        continue
      }
      if letter.isUppercase, index > 0 {
        let beginsWord = !letters[index - 1].isUppercase && !letters[index - 1].isNumber
        let endsAcronym = letters[index - 1].isUppercase && index + 1 < letters.count && letters[index + 1].isLowercase
        if (beginsWord || endsAcronym), result.last != "-" { result.append("-") }
      }
      result.append(contentsOf: letter.lowercased())
    }
    return result
  }
}
