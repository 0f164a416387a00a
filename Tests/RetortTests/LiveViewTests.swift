import Declaring
import Testing

@testable import Retort

@Suite("The live view")
struct LiveViewTests {
  @Test(arguments: [
    (0.0, "░░░░"), (0.25, "█░░░"), (0.5, "██░░"), (0.53125, "██▏░"), (1.0, "████"), (7.0, "████"), (-1.0, "░░░░"),
  ])
  func bars(share: Double, text: String) { #expect(StageLine.bar(share, width: 4) == text) }

  static func student() -> RunningStage {
    var stage = RunningStage(label: "student", startedAt: 0)
    for second in 0...10 {
      stage.note(
        Progress(Double(second) * 145, of: 2900, unit: "sentences", loss: 0.3124, note: "epoch 1 of 3"),
        at: Double(second))
    }
    return stage
  }

  @Test func rateAndTimeLeft() throws {
    let stage = Self.student()
    #expect(try abs(#require(stage.rate) - 145) < 1e-9)
    #expect(try abs(#require(stage.remaining) - 10) < 1e-9)
    #expect(stage.share == 0.5)
  }

  @Test func lineAt80Columns() {
    let line = StageLine.text(Self.student(), labelWidth: 8, width: 79, now: 10)
    #expect(line == "student   ████████░░░░░░░░   50 %  0:10 left  loss 0.312  145 sentences/s")
    #expect(TextWidth.of(line) <= 79)
  }

  /// By hand: 10 at first, then down to 3; the highest bar is the highest loss.
  @Test func theCourseOfTheLossTakesWhatIsLeft() {
    var stage = RunningStage(label: "student", startedAt: 0)
    for second in 0...7 {
      stage.note(
        Progress(Double(second) * 145, of: 2900, unit: "sentences", loss: 10 - Double(second)), at: Double(second))
    }
    let wide = StageLine.text(stage, labelWidth: 8, width: 100, now: 7)
    #expect(wide.contains("loss 3.00 █▇▆▅▄▃▂▁  145 sentences/s"), "\(wide)")
    let narrow = StageLine.text(stage, labelWidth: 8, width: 79, now: 7)
    #expect(TextWidth.of(narrow) <= 79 && narrow.contains("145 sentences/s") && narrow.contains("loss 3.00 █"))
  }

  @Test func manyLossesAreFewBars() throws {
    var history = LossHistory()
    for step in 0..<100_000 { history.add(1 / Double(step + 1)) }
    history.add(.nan)
    let line = try #require(history.sparkline())
    #expect(line.count == 12 && line.hasSuffix("▁"))
    #expect(LossHistory().sparkline() == nil)
  }

  @Test(arguments: [20, 30, 40, 60, 80, 200])
  func neverWider(width: Int) {
    #expect(TextWidth.of(StageLine.text(Self.student(), labelWidth: 8, width: width, now: 10)) <= width)
  }

  @Test func unknownTotal() {
    var stage = RunningStage(label: "words", startedAt: 0)
    stage.note(Progress(1200, of: nil, unit: "words"), at: 1)
    #expect(StageLine.text(stage, labelWidth: 5, width: 79, now: 2) == "words  ░░░░░░░░░░███░░░  1,200 words  0:02")
  }

  @Test func aNewPhaseCountsAnew() {
    var stage = Self.student()
    stage.note(Progress(0, of: 10, unit: "batches"), at: 11)
    #expect(stage.rate == nil && stage.remaining == nil)
  }

  @Test func screenFoldsWhatDoesNotFit() {
    var terminal = Terminal(isTerminal: true, environment: { _ in nil }, size: (80, 8))
    terminal.style = .plain
    var state = RunState(startedAt: 0)
    state.total = 20
    state.cached = 8
    state.finished = 3
    state.failed = 1
    for index in 0..<6 { state.start("s\(index)", at: 0) }
    let lines = LiveScreen(terminal).lines(state, now: 72)
    #expect(lines.count == 6)
    #expect(lines[4] == "and 2 more")
    #expect(lines[5] == "12 of 20 stages · 8 cached · 3 done · 1 failed · 1:12")
    #expect(lines.allSatisfy { TextWidth.of($0) < 80 })
  }

  @Test func framesReplaceEachOther() {
    var screen = LiveScreen(Terminal(isTerminal: true, environment: { _ in nil }, size: (80, 24)))
    let state = RunState(startedAt: 0)
    #expect(!screen.frame(state, now: 0).contains("\u{1B}[1A"))
    #expect(screen.frame(state, now: 1, above: ["done"]).hasPrefix("\u{1B}[1A\r\u{1B}[Jdone"))
    #expect(screen.clear() == "\u{1B}[1A\r\u{1B}[J")
    #expect(screen.clear().isEmpty)
  }
}

@Suite("What a stream can do")
struct TerminalTests {
  func terminal(_ isTerminal: Bool, _ environment: [String: String]) -> Terminal {
    Terminal(isTerminal: isTerminal, environment: { environment[$0] }, size: (100, 30))
  }

  @Test func aTerminal() {
    let terminal = terminal(true, ["TERM": "xterm"])
    #expect(terminal.isAnimated && terminal.style.isColoured && terminal.width == 100)
  }

  @Test func aPipe() {
    let pipe = terminal(false, ["TERM": "xterm"])
    #expect(!pipe.isAnimated && !pipe.style.isColoured && pipe.width == nil)
  }

  @Test func wishes() {
    #expect(!terminal(true, ["NO_COLOR": "1"]).style.isColoured)
    #expect(terminal(true, ["NO_COLOR": "1"]).isAnimated)
    #expect(terminal(true, ["NO_COLOR": ""]).style.isColoured)
    #expect(!terminal(true, ["TERM": "dumb"]).style.isColoured)
    #expect(!terminal(true, ["TERM": "dumb"]).isAnimated)
    #expect(!terminal(true, ["CI": "true"]).isAnimated)
    #expect(terminal(true, ["CI": "false"]).isAnimated)
    #expect(terminal(false, ["COLUMNS": "72"]).width == 72)
  }
}
