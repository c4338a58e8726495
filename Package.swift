// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Espalier",
    products: [
        .library(name: "Espalier", targets: ["Espalier"]),
        .executable(name: "espalier", targets: ["EspalierCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        .target(
            name: "CKernels",
            cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-fno-trapping-math"])]),
        .target(name: "EspalierSpec"),
        .target(name: "EspalierGraph"),
        .target(name: "EspalierEngine", dependencies: ["CKernels", "EspalierGraph"]),
        .target(name: "EspalierNN", dependencies: ["EspalierSpec", "EspalierGraph", "EspalierEngine"]),
        .target(
            name: "EspalierData",
            dependencies: ["EspalierSpec", "EspalierGraph"],
            resources: [.copy("Resources")]),
        .target(
            name: "EspalierTraining",
            dependencies: [
                "EspalierSpec", "EspalierGraph", "EspalierEngine", "EspalierNN", "EspalierData",
                .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "EspalierDoctor",
            dependencies: [
                "EspalierSpec", "EspalierGraph", "EspalierEngine", "EspalierNN", "EspalierData", "EspalierTraining",
            ]),
        .target(
            name: "EspalierStudy",
            dependencies: [
                "EspalierSpec", "EspalierGraph", "EspalierEngine", "EspalierNN", "EspalierData", "EspalierTraining",
                "EspalierDoctor", .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .target(
            name: "EspalierReport",
            dependencies: ["EspalierSpec", .product(name: "FlyingFox", package: "FlyingFox")]),
        .target(
            name: "Espalier",
            dependencies: [
                "EspalierSpec", "EspalierGraph", "EspalierEngine", "EspalierNN", "EspalierData", "EspalierTraining",
                "EspalierDoctor", "EspalierStudy", "EspalierReport",
            ]),
        .executableTarget(
            name: "EspalierCommand",
            dependencies: ["Espalier", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/espalier"),
    ],
    swiftLanguageModes: [.v6]
)

// Tests mirror sources: `Tests/EspalierGraphTests` tests `Sources/EspalierGraph`. What several share is in `Tests/Support`.
package.targets += [
    .target(
        name: "EspalierTestSupport", dependencies: ["EspalierGraph", "EspalierEngine"],
        path: "Tests/Support/EspalierTestSupport"),
    .target(name: "CAllocationCounter", path: "Tests/Support/CAllocationCounter"),
]
for name in ["Spec", "Graph", "Engine", "NN", "Data", "Training", "Doctor", "Study", "Report"] {
    package.targets.append(
        .testTarget(
            name: "Espalier\(name)Tests",
            dependencies: ["Espalier", "CKernels", "EspalierTestSupport", "CAllocationCounter"]))
}
package.targets.append(
    .testTarget(name: "EspalierCommandTests", dependencies: ["Espalier", "EspalierCommand"]))

// The pictures of the documents are drawn only by `make pictures`: they see inside of the report, as tests do.
if Context.environment["ESPALIER_PICTURES"] != nil {
    package.targets.append(
        .executableTarget(name: "EspalierPictures", dependencies: ["Espalier"], path: "Documentation/Pictures"))
}

// Continuous integration turns warnings into errors; a newer compiler's warnings stop nobody else.
if Context.environment["ESPALIER_STRICT"] != nil {
    for target in package.targets where target.type != .system {
        target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
    }
}
