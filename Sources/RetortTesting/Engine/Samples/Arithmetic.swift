import Artifacts
import Declaring

/// Gives a number.
public struct Constant: Stage {
  public static let id = "test.constant"
  public static let version = 1
  public var value: Int

  public init(_ value: Int) { self.value = value }

  public func forecast(_ forecast: inout Forecast) -> Facts { Number(value).facts }
  public func run(_ context: StageContext) async throws -> Number { Number(value) }
}

/// Adds numbers.
public struct Sum: Stage {
  public static let id = "test.sum"
  public static let version = 1
  public var terms: [Ref<Number>]

  public init(_ terms: [Ref<Number>]) { self.terms = terms }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(!terms.isEmpty, "terms", "There is nothing to add.", remedy: "Give one term at least.")
    return .unknown
  }

  public func run(_ context: StageContext) async throws -> Number {
    Number(try terms.reduce(0) { $0 &+ (try context.load($1).value) })
  }
}

/// Multiplies a number, and keeps what is left modulo another: so that other inputs often give the same output.
public struct Scale: Stage {
  public static let id = "test.scale"
  public static let version = 1
  public var number: Ref<Number>
  public var factor: Int
  public var modulus: Int

  public init(_ number: Ref<Number>, by factor: Int, modulo modulus: Int = 1_000_000_007) {
    self.number = number
    self.factor = factor
    self.modulus = modulus
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(
      modulus > 0, "modulus", "The modulus is \(modulus), and must be positive.", remedy: "Give a positive number.")
    forecast.require(factor != 0, "factor", "The factor is 0.", remedy: "Give another number.")
    return .unknown
  }

  public func run(_ context: StageContext) async throws -> Number {
    Number(Int((Int128(try context.load(number).value) * Int128(factor)) % Int128(modulus)))
  }
}

/// Divides a number; the parts are a bundle.
public struct Divide: Stage {
  public static let id = "test.divide"
  public static let version = 1
  public var number: Ref<Number>
  public var divisor: Int

  public init(_ number: Ref<Number>, by divisor: Int) {
    self.number = number
    self.divisor = divisor
  }

  public func forecast(_ forecast: inout Forecast) -> Facts {
    forecast.require(divisor > 0, "divisor", "The divisor is \(divisor).", remedy: "Give a positive number.")
    guard divisor > 0, let dividend = forecast[number].examples else { return .unknown }
    var facts = Facts()
    facts.ports["quotient"] = Number(dividend / divisor).facts
    facts.ports["remainder"] = Number(dividend % divisor).facts
    return facts
  }

  public func run(_ context: StageContext) async throws -> Halves {
    let dividend = try context.load(number).value
    return Halves(quotient: Number(dividend / divisor), remainder: Number(dividend % divisor))
  }
}
