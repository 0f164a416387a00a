extension Best {
  public var conventions: [String] {
    let order = "choice: the \(figure.prefersLess ? "lowest" : "highest") \(figure.words), the first of equals"
    let limits = constraints.isEmpty ? [] : ["constraints: \(constraints.map(\.words).joined(separator: ", "))"]
    return [order] + limits
      + [
        uses.contains { $0 == Benchmark.self }
          ? "measured: another machine may choose otherwise" : "bitwise: a function of the key"
      ]
  }
}
