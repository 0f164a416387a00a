extension StringProtocol {
  /// Without the white space at both ends.
  package var trimmed: String { trimmed(\.isWhitespace) }

  /// Without the characters at both ends that `isMargin` chooses.
  package func trimmed(_ isMargin: (Character) -> Bool) -> String {
    guard let first = firstIndex(where: { !isMargin($0) }), let last = lastIndex(where: { !isMargin($0) }) else {
      return ""
    }
    return String(self[first...last])
  }
}
