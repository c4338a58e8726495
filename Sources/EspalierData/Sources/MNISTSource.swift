import EspalierSpec

/// Handwritten digits as images [1, 28, 28] of the range 0 to 255 in classes "0" to "9": 60,000 and a test set of 10,000.
///
/// The four files as they were published, plain or compressed, are in the folder `mnist` of the data root.
///
/// Source: LeCun, Bottou, Bengio and Haffner 1998, "Gradient-Based Learning Applied to Document Recognition".
public struct MNISTSource: DataSource {
    /// The folder that holds `mnist`; nothing where the command line or the program says it.
    public var root: String?

    public init() {}
    public init(root: String?) { self.root = root }

    public static let name = "mnist"
    public static let summary =
        "Handwritten digits [1, 28, 28] from the data root's mnist/: 60,000 and 10,000 for the test"
    public static let fields = [Field("root", \Self.root, rootSummary)]

    public func anchored(in folder: String) -> Self { Self(root: root.map { resolve($0, relativeTo: folder) }) }
    public func rooted(at root: DataRoot) -> Self { Self(root: root.path(before: self.root)) }
    public func load(relativeTo folder: String) throws -> Dataset { try loadParts(relativeTo: folder).rest }

    public func loadParts(relativeTo folder: String) throws -> (rest: Dataset, test: Dataset?) {
        try published(
            Self.name, in: "mnist", of: anchored(in: folder).root, classNames: (0...9).map(String.init))
    }
}

/// Pictures of clothes as images [1, 28, 28] of the range 0 to 255 in ten classes: 60,000 and a test set of 10,000.
///
/// The four files as they were published, plain or compressed, are in the folder `fashion` of the data root.
///
/// Source: Xiao, Rasul and Vollgraf 2017, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
/// Algorithms".
public struct FashionMNISTSource: DataSource {
    /// The folder that holds `fashion`; nothing where the command line or the program says it.
    public var root: String?

    public init() {}
    public init(root: String?) { self.root = root }

    public static let name = "fashionMNIST"
    public static let summary = "Clothes [1, 28, 28] from the data root's fashion/: 60,000 and 10,000 for the test"
    public static let fields = [Field("root", \Self.root, rootSummary)]

    public static let classNames = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]

    public func anchored(in folder: String) -> Self { Self(root: root.map { resolve($0, relativeTo: folder) }) }
    public func rooted(at root: DataRoot) -> Self { Self(root: root.path(before: self.root)) }
    public func load(relativeTo folder: String) throws -> Dataset { try loadParts(relativeTo: folder).rest }

    public func loadParts(relativeTo folder: String) throws -> (rest: Dataset, test: Dataset?) {
        try published(Self.name, in: "fashion", of: anchored(in: folder).root, classNames: Self.classNames)
    }
}

let rootSummary = "the data root; null takes --data-root or ESPALIER_DATA"

/// A set of images in the folder `folder` of the data root, with the test set that it was published with.
private func published(
    _ name: String, in folder: String, of root: String?, classNames: [String]
) throws -> (rest: Dataset, test: Dataset?) {
    guard let root else { throw missingRoot(of: name, holding: folder) }
    let files = IDXFolder(path: "\(root)/\(folder)")
    return try ArraySamples.datasets(
        name: name, try files.samples("train"), test: try files.samples("t10k"), task: .classification,
        classNames: classNames)
}

func missingRoot(of name: String, holding folder: String) -> EspalierError {
    EspalierError(
        "nothing says where the files of \(name) are", expected: "a data root: the folder that holds \(folder)/",
        fix: "--data-root DIR, or ESPALIER_DATA=DIR in the environment")
}
