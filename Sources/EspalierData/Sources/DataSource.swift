import EspalierSpec

/// Where data comes from: a specification that can be loaded.
///
/// A source of one's own is a value that conforms, registered in the registry that reads the configuration.
public protocol DataSource: Specification {
    /// Whether a split takes the rows as they come, train first, unless it says otherwise.
    var takesRowsInOrder: Bool { get }

    /// Whether the numbers of a sample name symbols, such as characters: then their size means nothing, and they are
    /// neither scaled nor augmented.
    var holdsSymbols: Bool { get }

    /// Reads the data.
    ///
    /// - Parameter folder: What a relative path starts from: the folder of the configuration.
    /// - Throws: `EspalierError` with the file, line and column of what cannot be used.
    func load(relativeTo folder: String) throws -> Dataset

    /// Reads the data, and apart from it the test set that it was published with; nothing where it has none.
    ///
    /// The default has what `load` gives, and no test set.
    func loadParts(relativeTo folder: String) throws -> (rest: Dataset, test: Dataset?)

    /// Reads the samples alone, to predict for: targets need not be there.
    ///
    /// The default has the inputs of what `load` gives.
    func loadInputs(relativeTo folder: String) throws -> (sampleShape: [Int], values: [Float])

    /// The same source with `folder` before every relative path; a source without paths is itself.
    func anchored(in folder: String) -> Self

    /// The same source with its files under `root`, if it is one whose data is known by name; others are themselves.
    func rooted(at root: DataRoot) -> Self

    /// The same source, read as `original` was, whose samples have these features and this shape: a table by the names of its
    /// columns, images brought to that size.
    func reading(as original: any DataSource, features: [String], sampleShape: [Int]) -> Self

    /// The same source with what `load` found out by looking at the data written down; `dataset` is what it gave.
    func decided(by dataset: Dataset, relativeTo folder: String) throws -> Self
}

extension DataSource {
    public var takesRowsInOrder: Bool { false }
    public var holdsSymbols: Bool { false }

    public func loadParts(relativeTo folder: String) throws -> (rest: Dataset, test: Dataset?) {
        (try load(relativeTo: folder), nil)
    }

    public func loadInputs(relativeTo folder: String) throws -> (sampleShape: [Int], values: [Float]) {
        let dataset = try load(relativeTo: folder)
        return (dataset.sampleShape, try dataset.inputValues())
    }

    public func anchored(in folder: String) -> Self { self }
    public func rooted(at root: DataRoot) -> Self { self }
    public func reading(as original: any DataSource, features: [String], sampleShape: [Int]) -> Self { self }
    public func decided(by dataset: Dataset, relativeTo folder: String) throws -> Self { self }
}

extension Registry where Part == any DataSource {
    /// Every source that comes with the library.
    public static var dataSources: Registry {
        var registry = Registry(kind: "data source")
        registry.register(DigitsSource.self) { $0 }
        registry.register(DigitImagesSource.self) { $0 }
        registry.register(IrisSource.self) { $0 }
        registry.register(WineSource.self) { $0 }
        registry.register(BreastCancerSource.self) { $0 }
        registry.register(DiabetesSource.self) { $0 }
        registry.register(CirclesSource.self) { $0 }
        registry.register(MoonsSource.self) { $0 }
        registry.register(BlobsSource.self) { $0 }
        registry.register(ClassificationSource.self) { $0 }
        registry.register(RegressionSource.self) { $0 }
        registry.register(XORSource.self) { $0 }
        registry.register(SpiralsSource.self) { $0 }
        registry.register(PolynomialSource.self) { $0 }
        registry.register(CSVSource.self) { $0 }
        registry.register(IDXSource.self) { $0 }
        registry.register(MNISTSource.self) { $0 }
        registry.register(FashionMNISTSource.self) { $0 }
        registry.register(NPZSource.self) { $0 }
        registry.register(NPYSource.self) { $0 }
        registry.register(ImageFolderSource.self) { $0 }
        registry.register(CIFAR10Source.self) { $0 }
        registry.register(CIFAR100Source.self) { $0 }
        registry.register(TextSource.self) { $0 }
        return registry
    }

    /// Reads `data.source`: a path, a source's name, or `{name: {settings}}`.
    ///
    /// A text that `FileSources` takes for a path is one.
    ///
    /// - Parameters:
    ///   - node: The setting.
    ///   - folder: What a relative path starts from.
    public func readSource(_ node: ConfigurationNode, relativeTo folder: String = "") throws -> any DataSource {
        if case .string(let path) = node.content,
            let source = FileSources.source(at: path, relativeTo: folder, isFolder: path.contains("/"))
        {
            return source
        }
        do {
            return try read(node)
        } catch var error as EspalierError where error.what.hasPrefix("unknown \(kind)") {
            error.expected = error.expected.map { "\($0), or the path of \(FileSources.accepted)" }
            throw error
        }
    }
}

/// `path` itself where it is absolute, else inside `folder`.
func resolve(_ path: String, relativeTo folder: String) -> String {
    path.hasPrefix("/") || folder.isEmpty ? path : folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
}
