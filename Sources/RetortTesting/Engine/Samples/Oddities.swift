import Artifacts
import Declaring

/// Reads a number from a file of the user's.
public struct ReadNumber: Stage {
  public static let id = "test.read"
  public static let version = 1
  public var file: SourceFile

  public init(_ file: SourceFile) { self.file = file }

  public func run(_ context: StageContext) async throws -> Number {
    let path = try context.load(file)
    let text = String(decoding: try Files.read(path), as: UTF8.self)
    guard let value = Int(text.filter { !$0.isWhitespace }) else {
      throw RetortError("test.not-a-number", "The file holds no number.", at: Place(file: file.path.string))
    }
    return Number(value)
  }
}

/// Writes a number out in words of one letter; takes a seed.
public struct Spell: Stage {
  public static let id = "test.spell"
  public static let version = 1
  public var number: Ref<Number>
  public var letter: String
  public var seed: Seed

  public init(_ number: Ref<Number>, letter: String = "x", seed: Seed = .standard) {
    self.number = number
    self.letter = letter
    self.seed = seed
  }

  public func run(_ context: StageContext) async throws -> Text {
    let count = try context.load(number).value % 10 + Int(context.seed(seed) % 3)
    return Text(String(repeating: letter, count: abs(count)))
  }
}

/// Joins a text and a number.
public struct Join: Stage {
  public static let id = "test.join"
  public static let version = 1
  public var text: Ref<Text>
  public var number: Ref<Number>

  public init(_ text: Ref<Text>, _ number: Ref<Number>) {
    self.text = text
    self.number = number
  }

  public func run(_ context: StageContext) async throws -> Text {
    Text("\(try context.load(text).value) \(try context.load(number).value)")
  }
}

/// Observes how long nothing takes.
public struct Observe: Stage {
  public static let id = "test.observe"
  public static let version = 1
  public static let determinism = Determinism.measured
  public var number: Ref<Number>

  public init(_ number: Ref<Number>) { self.number = number }

  public func run(_ context: StageContext) async throws -> Number { Number(try context.load(number).value) }
}

/// Runs others inside itself: doubles a number as often as it is told.
public struct Search: Stage {
  public static let id = "test.search"
  public static let version = 1
  public static var uses: [any Stage.Type] { [Scale.self, Search.self] }
  public var number: Ref<Number>
  public var trials: Int

  public init(_ number: Ref<Number>, trials: Int) {
    self.number = number
    self.trials = trials
  }

  public func run(_ context: StageContext) async throws -> Number {
    var reference = number
    for _ in 0..<trials { reference = try await context.reference(to: Scale(reference, by: 2)) }
    return try context.load(reference)
  }
}

/// Twelve options and two inputs: the stage that engines are measured with.
public struct Wide: Stage {
  public static let id = "test.wide"
  public static let version = 1
  public var left: Ref<Number>?
  public var right: Ref<Number>?
  public var name: String
  public var rate = 0.001
  public var temperature = 4.0
  public var alpha = 0.7
  public var epochs = 3
  public var batch = 32
  public var layers = 6
  public var hidden = 384
  public var isTied = true
  public var isCased = false
  public var schedule = "linear"
  public var seed: Seed

  public init(_ left: Ref<Number>?, _ right: Ref<Number>?, name: String, seed: Seed = .standard) {
    self.left = left
    self.right = right
    self.name = name
    self.seed = seed
  }

  public func run(_ context: StageContext) async throws -> Number {
    var sum = name.utf8.count
    if let left { sum &+= try context.load(left).value }
    if let right { sum &+= try context.load(right).value }
    return Number(sum)
  }
}
