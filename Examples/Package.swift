// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = Context.environment["ESPALIER_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

let package = Package(
    name: "EspalierExamples",
    dependencies: [.package(name: "Espalier", path: "..")],
    targets: ["DigitsExample", "RecipeExample", "CustomPartExample", "GradientPenaltyExample", "ArticlesExample"].map {
        name in
        .executableTarget(
            name: name, dependencies: [.product(name: "Espalier", package: "Espalier")], swiftSettings: strict)
    },
    swiftLanguageModes: [.v6]
)
