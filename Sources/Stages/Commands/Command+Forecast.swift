import Declaring

extension Command {
  public func forecast(_ forecast: inout Forecast) -> Facts {
    if program.file == nil {
      let path = environment["PATH"].flatMap(\.self) ?? CommandSurroundings.path(of: CommandSurroundings.process)
      forecast.fault("program", CommandProgram.fault(program.name, in: path))
    }
    checkOutputs(&forecast)
    checkEnvironment(&forecast)
    checkDevices(&forecast)
    for probe in probes {
      guard let fault = probe.fault else { continue }
      forecast.fault(
        "probes", "The probe “\(probe.command.joined(separator: " "))” failed: \(fault)",
        remedy: "Try it by hand; it must answer with exit code 0.")
    }
    if let timeout = limits.timeout {
      forecast.require(timeout > 0, "timeout", "A timeout of \(timeout) s leaves no time.", remedy: "Allow some.")
    }
    return .unknown
  }

  private func checkOutputs(_ forecast: inout Forecast) {
    let ports = CommandOutputs<Output>.isFolder
    forecast.require(
      !ports.isEmpty, "Output", "A command cannot give a \(Output.self).",
      remedy: "Let it give an artifact, or a bundle of artifacts.")
    var unnamed = Set(ports.keys)
    for part in arguments.flatMap(\.parts) {
      guard case .output(let port) = part else { continue }
      unnamed.remove(port)
      guard !ports.isEmpty, ports[port] == nil else { continue }
      let known = ports.keys.sorted().map { "“\($0)”" }.joined(separator: ", ")
      forecast.fault(
        "arguments", port.isEmpty ? "The result has several outputs." : "There is no output “\(port)”.",
        remedy: ports[""] == nil ? "Name one of \(known): .output(\"…\")." : "It has one: .output.")
    }
    if !unnamed.isEmpty {
      let names = unnamed.sorted().map { $0.isEmpty ? "its output" : "the output “\($0)”" }.joined(separator: ", ")
      forecast.fault(
        "arguments", "No argument tells the program where to write \(names).",
        remedy: "Put .output among the arguments, or .output(\"name\") for each part of a bundle.")
    }
  }

  private func checkDevices(_ forecast: inout Forecast) {
    let names = limits.devices.map(\.name)
    for (place, name) in names.enumerated() where names[..<place].contains(name) {
      forecast.fault(
        "devices", "The device “\(name)” stands there twice.", remedy: "Give a count: .named(\"\(name)\", count: 2).")
    }
    for variable in limits.devices.compactMap(\.variable) {
      let isTaken = environment.keys.contains(variable) || secrets.contains(variable)
      forecast.require(
        !isTaken && !variable.isEmpty && !variable.contains("="), "devices",
        isTaken ? "The variable “\(variable)” has a value already." : "“\(variable)” is no name of a variable.",
        remedy: "Name another, or leave it out: the ids are in \(Device.variable(names.first ?? "")) too.")
    }
  }

  private func checkEnvironment(_ forecast: inout Forecast) {
    for name in Set(environment.keys).union(secrets).sorted() where name.isEmpty || name.contains("=") {
      forecast.fault("environment", "“\(name)” is no name of a variable.", remedy: "Leave out “=” and what follows.")
    }
    for name in secrets where environment.keys.contains(name) {
      forecast.fault(
        "secrets", "The variable “\(name)” is a secret and an open one at once.", remedy: "Name it in one place.")
    }
  }

  public var conventions: [String] {
    var lines = ["program: \(program.file?.path.string ?? "\(program.name), which was not found")"]
    lines.append(
      "environment: PATH, HOME, TMPDIR and LANG, which no key holds"
        + (environment.isEmpty ? "" : "; \(environment.keys.sorted().joined(separator: ", "))")
        + (secrets.isEmpty ? "" : "; secret: \(secrets.joined(separator: ", "))"))
    for probe in probes { lines.append("\(probe.command.joined(separator: " ")): \(probe.answer ?? "no answer")") }
    return lines
  }
}
