// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "EspalierBenchmarks",
    products: [.executable(name: "espalier-benchmark", targets: ["EspalierBenchmark"])],
    dependencies: [
        .package(name: "Espalier", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .executableTarget(
            name: "EspalierBenchmark",
            dependencies: [
                .product(name: "Espalier", package: "Espalier"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
