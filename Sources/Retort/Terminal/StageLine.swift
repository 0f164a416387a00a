/// One line on a running stage: label, bar, share, rate, time left, loss, as much as fits.
enum StageLine {
  static let barWidth = 16

  /// - Parameters:
  ///   - labelWidth: columns of the label, the same for all lines of a view.
  ///   - now: seconds on the clock of the stage's start.
  static func text(
    _ stage: RunningStage, labelWidth: Int, width: Int, now: Double, style: Style = .plain
  ) -> String {
    let label = TextWidth.pad(TextWidth.cut(stage.label, to: labelWidth), to: labelWidth)
    var parts: [(text: String, paint: (String) -> String)] = []
    var used = labelWidth
    func add(_ part: String, _ paint: @escaping (String) -> String = { $0 }) {
      let size = TextWidth.of(part)
      guard used + 2 + size <= width else { return }
      parts.append((part, paint))
      used += 2 + size
    }
    if let share = stage.share {
      add(bar(share), style.green)
      add(TextWidth.pad("\(Int(share * 100)) %", to: 5, trailing: true))
    } else {
      add(pulse(now), style.green)
      if let progress = stage.progress, progress.done > 0 {
        add("\(Figures.count(Int(min(progress.done, 9e15)))) \(progress.unit)")
      }
    }
    if let remaining = stage.remaining {
      add("\(Figures.clock(remaining)) left")
    } else {
      add(Figures.clock(now - stage.startedAt), style.dim)
    }
    var lossPart: Int?
    if let loss = stage.progress?.loss {
      let count = parts.count
      add("loss \(Figures.short(loss))", style.cyan)
      if parts.count > count { lossPart = count }
    }
    if let rate = stage.rate, let unit = stage.progress?.unit { add("\(Figures.short(rate)) \(unit)/s") }
    if let note = stage.progress?.note { add(note, style.dim) }
    // Its course takes what is left.
    if let lossPart, width - used >= 5, let course = stage.losses.sparkline(width: min(12, width - used - 1)) {
      parts[lossPart].text += " " + course
    }
    return parts.reduce(style.bold(label)) { "\($0)  \($1.paint($1.text))" }
  }

  /// A bar of fixed width, in eighths of a column.
  static func bar(_ share: Double, width: Int = barWidth) -> String {
    let eighths = Int((min(max(share, 0), 1) * Double(width * 8)).rounded(.down))
    let full = eighths / 8
    let part = eighths % 8
    var text = String(repeating: "█", count: full)
    if full < width, part > 0 { text.append(Array("▏▎▍▌▋▊▉")[part - 1]) }
    return text + String(repeating: "░", count: width - text.count)
  }

  /// A bar for work of unknown length: a block that wanders.
  private static func pulse(_ now: Double) -> String {
    let period = 2 * (barWidth - 3)
    let step = Int((now * 8).rounded(.down)) % period
    let position = step < barWidth - 3 ? max(0, step) : period - step
    return String(repeating: "░", count: position) + "███" + String(repeating: "░", count: barWidth - 3 - position)
  }
}
