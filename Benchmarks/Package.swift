// swift-tools-version: 6.2
import PackageDescription

// A package of its own: users of Retort never build it, and it needs the numbers alone.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "retort", path: "..")],
  targets: [
    .executableTarget(
      name: "kernels", dependencies: [.product(name: "RetortNumerics", package: "retort")],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")])
  ]
)
