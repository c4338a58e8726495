import EspalierSpec

// The small built-in tables; where they come from is in Resources/SOURCES.md.

/// The built-in irises: sepals and petals of 150 flowers, in centimetres, of three species with 50 each.
///
/// Source: Fisher 1936, "The use of multiple measurements in taxonomic problems"; UCI Machine Learning Repository,
/// CC BY 4.0.
public struct IrisSource: DataSource {
    public init() {}

    public static let name = "iris"
    public static let summary = "150 irises by the size of sepals and petals, built in (4 features, 3 classes)"
    public static let fields: [Field<Self>] = []

    public func load(relativeTo folder: String) throws -> Dataset {
        try BuiltInTable(name: Self.name, target: "species", classes: ["setosa", "versicolor", "virginica"]).load()
    }
}

/// The built-in wines: a chemical analysis of 178 wines from three cultivars of one region.
///
/// Source: Aeberhard and Forina, "Wine", UCI Machine Learning Repository (1992), CC BY 4.0.
public struct WineSource: DataSource {
    public init() {}

    public static let name = "wine"
    public static let summary = "178 wines by chemical analysis, built in (13 features, 3 classes)"
    public static let fields: [Field<Self>] = []

    public func load(relativeTo folder: String) throws -> Dataset {
        try BuiltInTable(name: Self.name, target: "cultivar", classes: ["class_0", "class_1", "class_2"]).load()
    }
}

/// The built-in breast masses: 569 of them by the shape of their cell nuclei, 212 malignant and 357 benign.
///
/// Source: Wolberg, Mangasarian, Street and Street, "Breast Cancer Wisconsin (Diagnostic)", UCI Machine Learning
/// Repository (1993), CC BY 4.0.
public struct BreastCancerSource: DataSource {
    public init() {}

    public static let name = "breastCancer"
    public static let summary = "569 breast masses by their cell nuclei, built in (30 features, 2 classes)"
    public static let fields: [Field<Self>] = []

    public func load(relativeTo folder: String) throws -> Dataset {
        try BuiltInTable(name: Self.name, target: "diagnosis", classes: ["malignant", "benign"]).load()
    }
}

/// The built-in diabetes patients: how far the disease of 442 people went within a year, from 25 to 346.
///
/// Features are as measured: age, sex (1 or 2), body mass index, blood pressure and six values of the blood serum.
///
/// Source: Efron, Hastie, Johnstone and Tibshirani 2004, "Least angle regression".
public struct DiabetesSource: DataSource {
    public init() {}

    public static let name = "diabetes"
    public static let summary = "442 diabetes patients and how their disease went on, built in (10 features, 1 target)"
    public static let fields: [Field<Self>] = []

    public func load(relativeTo folder: String) throws -> Dataset {
        try BuiltInTable(name: Self.name, target: "progression").load()
    }
}
