import Artifacts

/// A file or a value that was given to a model and cannot be used.
///
/// - Parameters:
///   - code: A stable name for programs, such as `safetensors.truncated`.
///   - sentence: What is wrong, for the user.
///   - file: The file, if there is one.
///   - line: The line in it, from 1.
///   - field: The tensor or field in it.
///   - remedy: What helps.
func refusal(
  _ code: String, _ sentence: String, at file: String? = nil, line: Int? = nil, field: String? = nil,
  remedy: String = ""
) -> RetortError {
  RetortError(
    .init(rawValue: code), sentence, remedy: remedy, at: Place(file: file, line: line, field: field), blame: .input)
}

/// Something that the machine refuses to do with a file.
func trouble(_ code: String, _ sentence: String, at file: String, remedy: String = "") -> RetortError {
  RetortError(.init(rawValue: code), sentence, remedy: remedy, at: Place(file: file), blame: .environment)
}
