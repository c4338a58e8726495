// swift-tools-version: 6.2
import PackageDescription

// oneDNN is found through pkg-config; where `Scripts/setup.sh` brought it into `.deps/`, the
// products find the shared library there at run time.
let oneDNNRunPath: [LinkerSetting] = [
    .unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", "\(Context.packageDirectory)/.deps/lib"])
]

let package = Package(
    name: "Espalier",
    products: [
        .library(name: "Espalier", targets: ["Espalier"]),
        .executable(name: "espalier", targets: ["EspalierCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "COneDNN", pkgConfig: "dnnl"),
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno", "-fno-trapping-math"])]),
        .target(name: "EspalierSpec"),
        .target(name: "EspalierGraph"),
        .target(name: "EspalierEngine", dependencies: ["COneDNN", "CKernels", "EspalierGraph"]),
        .target(name: "EspalierNN", dependencies: ["EspalierSpec", "EspalierGraph", "EspalierEngine"]),
        .target(
            name: "EspalierData",
            dependencies: ["EspalierSpec", "EspalierGraph", "EspalierEngine", "EspalierNN"],
            resources: [.copy("Resources")]),
        .target(
            name: "EspalierTraining",
            dependencies: [
                "EspalierSpec", "EspalierGraph", "EspalierEngine", "EspalierNN", "EspalierData",
                .product(name: "Yams", package: "Yams"),
            ]),
        .target(name: "EspalierReport", dependencies: ["EspalierSpec"]),
        .target(
            name: "Espalier",
            dependencies: [
                "EspalierSpec", "EspalierGraph", "EspalierEngine", "EspalierNN", "EspalierData", "EspalierTraining",
                "EspalierReport",
            ]),
        .executableTarget(
            name: "EspalierCommand",
            dependencies: ["Espalier", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/espalier",
            linkerSettings: oneDNNRunPath),
    ],
    swiftLanguageModes: [.v6]
)

// Tests mirror sources: `Tests/EspalierGraphTests` tests `Sources/EspalierGraph`.
for name in ["Spec", "Graph", "Engine", "NN", "Data", "Training", "Report"] {
    package.targets.append(
        .testTarget(
            name: "Espalier\(name)Tests",
            dependencies: ["Espalier", "CKernels"],
            linkerSettings: oneDNNRunPath))
}
package.targets.append(
    .testTarget(name: "EspalierCommandTests", dependencies: ["Espalier", "EspalierCommand"], linkerSettings: oneDNNRunPath))
