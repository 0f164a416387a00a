// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A library target whose folder carries its name.
func library(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], plugins: [Target.PluginUsage] = []
) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict, plugins: plugins)
}

/// The tests of one target: `Tests/<target>Tests`.
func tests(_ target: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(target)Tests", dependencies: [.init(stringLiteral: target)] + dependencies, swiftSettings: strict)
}

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "retort",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Retort", targets: ["Retort"]),
    .library(name: "RetortTesting", targets: ["RetortTesting"]),
    .library(name: "RetortNumerics", targets: ["Tensors", "CKernels"]),
    .plugin(name: "CodeFingerprints", targets: ["CodeFingerprints"]),
    .executable(name: "retort", targets: ["RetortCLI"]),
    .executable(name: "quickstart", targets: ["quickstart"]),
    .executable(name: "sweep", targets: ["sweep"]),
    .executable(name: "ablation", targets: ["ablation"]),
    .executable(name: "sst2", targets: ["sst2"]),
    .executable(name: "tasks", targets: ["tasks"]),
    .executable(name: "command", targets: ["command"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
  ],
  targets: [
    // Numbers.
    .target(name: "CKernels"),
    library("Tensors", ["CKernels"]),

    // Declare → plan → execute → store → inspect.
    library("Artifacts", [crypto, system]),
    // Other programs, in process groups that end with this one.
    .target(name: "CChildren"),
    library("Supervising", ["Artifacts", "CChildren"]),
    library("Declaring", ["Artifacts"]),
    // A thread that begins on another processor.
    .target(name: "CThreads"),
    library("Planning", ["Declaring", "CThreads"]),
    library("Executing", ["Planning", "Supervising"]),
    .systemLibrary(
      name: "CSQLite", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite3"])]),
    library("Storing", ["Artifacts", "CSQLite", "CThreads"]),
    library("Inspecting", ["Storing"]),

    // What the source files of stages are, found while they are built.
    library("Fingerprinting", []),
    .executableTarget(
      name: "fingerprint-sources", dependencies: ["Fingerprinting"], path: "Sources/FingerprintTool",
      swiftSettings: strict),
    .plugin(
      name: "CodeFingerprints", capability: .buildTool(), dependencies: ["fingerprint-sources"],
      path: "Sources/CodeFingerprints"),

    // Models, and what is done to them.
    // The system's libcurl, opened late.
    .target(name: "CTransfers"),
    library("Models", ["Tensors", "Artifacts", "CTransfers", protobuf], exclude: ["ONNX/onnx.proto"]),
    library("Training", ["Models"]),
    library("Stages", ["Declaring", "Training", "Supervising"], plugins: ["CodeFingerprints"]),

    // What people import and run.
    library("Retort", ["Executing", "Inspecting", "Stages", arguments]),
    .executableTarget(name: "RetortCLI", dependencies: ["Inspecting", "Retort", arguments], swiftSettings: strict),
    library("RetortTesting", ["Executing", "Training"]),
    .executableTarget(
      name: "quickstart", dependencies: ["Retort"], path: "pipelines/quickstart", swiftSettings: strict),
    .executableTarget(name: "sweep", dependencies: ["Retort"], path: "pipelines/sweep", swiftSettings: strict),
    .executableTarget(
      name: "ablation", dependencies: ["Retort"], path: "pipelines/ablation", swiftSettings: strict),
    .executableTarget(name: "sst2", dependencies: ["Retort"], path: "pipelines/sst2", swiftSettings: strict),
    .executableTarget(name: "tasks", dependencies: ["Retort"], path: "pipelines/tasks", swiftSettings: strict),
    .executableTarget(
      name: "command", dependencies: ["Retort"], path: "pipelines/command", exclude: ["clean.py"],
      swiftSettings: strict),

    tests("Tensors", ["RetortTesting"]),
    tests("Artifacts"),
    tests("Supervising"),
    tests("Declaring", ["RetortTesting", "Stages"]),
    tests("Planning", ["Executing", "RetortTesting", "Stages"]),
    tests("Executing", ["RetortTesting", "Storing", "EngineProbe", "Histories"]),
    // Random pipelines as data, with what they give by an evaluator that knows no cache.
    .target(name: "Histories", dependencies: ["RetortTesting"], path: "Tests/Histories", swiftSettings: strict),
    // A program that tests of the scheduler run and kill.
    .executableTarget(
      name: "EngineProbe", dependencies: ["RetortTesting", "Storing", "Histories"], path: "Tests/EngineProbe",
      swiftSettings: strict),
    tests("Storing", ["StoreProbe"]),
    .executableTarget(
      name: "StoreProbe", dependencies: ["Storing"], path: "Tests/StoreProbe", swiftSettings: strict),
    tests("Inspecting", ["RetortTesting", "Histories"]),
    // A hub on this machine that misbehaves as tests want.
    .target(name: "HubServer", path: "Tests/HubServer", swiftSettings: strict),
    tests("Models", ["RetortTesting", "HubServer", protobuf]),
    tests("Training", ["RetortTesting"]),
    tests("Stages", ["RetortTesting", "HubServer"]),
    // A program of trivial stages that the tests of the command line call as a user would.
    .executableTarget(
      name: "ProgramProbe", dependencies: ["Retort"], path: "Tests/ProgramProbe", swiftSettings: strict),
    tests("Retort", ["RetortTesting", "ProgramProbe", "RetortCLI", arguments]),
    // A program with a stage of every family, each as small as can be, to be killed.
    .executableTarget(
      name: "FamilyProbe", dependencies: ["Retort"], path: "Tests/FamilyProbe", swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests", dependencies: ["quickstart", "sweep", "command", "FamilyProbe", "RetortCLI", "HubServer"],
      swiftSettings: strict),
    tests("Fingerprinting"),
    .testTarget(name: "ArchitectureTests", swiftSettings: strict),
  ]
)
