/// The part of the terminal that is redrawn: a line a running stage, and one of counts below.
struct LiveScreen {
  var width: Int
  var height: Int
  var style: Style
  private var drawn = 0

  init(_ terminal: Terminal) {
    width = terminal.width ?? 80
    height = terminal.height
    style = terminal.style
  }

  /// Follows the terminal's present size.
  mutating func resize() {
    let terminal = Terminal(descriptor: 2)
    guard terminal.isTerminal, let width = terminal.width else { return }
    self.width = width
    height = terminal.height
  }

  /// The lines to show now, none wider than the terminal.
  func lines(_ state: RunState, now: Double) -> [String] {
    // The last column stays free: some terminals wrap when it is written.
    let width = max(20, self.width - 1)
    let room = max(1, height - 4)
    let labelWidth = min(state.running.map { TextWidth.of($0.label) }.max() ?? 0, max(8, width / 4))
    var lines = state.running.prefix(room).map {
      StageLine.text($0, labelWidth: labelWidth, width: width, now: now, style: style)
    }
    if state.running.count > room {
      lines.append(style.dim("and \(state.running.count - room) more"))
    }
    lines.append(style.dim(TextWidth.cut(Self.counts(state, now: now), to: width)))
    return lines
  }

  static func counts(_ state: RunState, now: Double) -> String {
    var parts = ["\(Figures.count(state.settled)) of \(Figures.counted(state.total, "stage"))"]
    if state.cached > 0 { parts.append("\(Figures.count(state.cached)) cached") }
    if state.finished > 0 { parts.append("\(Figures.count(state.finished)) done") }
    if state.failed > 0 { parts.append("\(Figures.count(state.failed)) failed") }
    parts.append(Figures.clock(now - state.startedAt))
    return parts.joined(separator: " · ")
  }

  /// The bytes that replace what was drawn before by `above`, which stays, and the present lines.
  mutating func frame(_ state: RunState, now: Double, above: [String] = []) -> String {
    let lines = lines(state, now: now)
    defer { drawn = lines.count }
    return erase + (above + lines).map { $0 + "\u{1B}[K\n" }.joined()
  }

  /// The bytes that remove what was drawn.
  mutating func clear() -> String {
    defer { drawn = 0 }
    return erase
  }

  private var erase: String { drawn > 0 ? "\u{1B}[\(drawn)A\r\u{1B}[J" : "" }
}
