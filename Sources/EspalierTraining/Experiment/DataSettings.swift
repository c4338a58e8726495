import EspalierData
import EspalierSpec
import Foundation

/// Which data a training runs on, and what is done to it first: `data:` in a configuration.
public struct DataSettings: Sendable, Hashable {
    public var source: any DataSource
    public var split: SplitSpecification
    /// How inputs are scaled, with statistics of the training rows.
    ///
    /// Standard, since layers are initialised for inputs of mean 0 and variance 1.
    ///
    /// Source: LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp".
    public var scale = Scaling.standard
    /// How target values are scaled.
    ///
    /// Where nothing is said they are left as they are, unless the model is chosen too: see `Experiment.chosenModel`.
    public var targetScale: Scaling?
    /// The first so many rows of the source are used; nothing for all.
    public var limit: Int?
    /// How batches are made ahead of their steps.
    public var loader = LoaderSettings()
    /// What a relative path starts from: the configuration's folder.
    public var folder: String

    public init(
        source: any DataSource, split: SplitSpecification? = nil, scale: Scaling = .standard,
        targetScale: Scaling? = nil, limit: Int? = nil, loader: LoaderSettings = LoaderSettings(), folder: String = ""
    ) {
        self.source = source
        self.split = split ?? Self.defaultSplit(of: source)
        self.scale = scale
        self.targetScale = targetScale
        self.limit = limit
        self.loader = loader
        self.folder = folder
    }

    init(configuration node: ConfigurationNode, catalog: Catalog, folder: String) throws {
        let source = try node.required("source", of: Self.settings, example: "digits")
        self.init(source: try catalog.sources.readSource(source), folder: folder)
        try node.read(Self.settings, into: &self, from: catalog)
    }

    /// All that is decided, defaults included; paths start from the root, so that it means the same in any folder.
    public var configuration: ConfigurationValue { ConfigurationValue(self, Self.settings) }

    /// What a relative path starts from, itself from the root.
    var root: String { absolute(folder) }

    /// In the rows' own order where the source has them in random order already.
    private static func defaultSplit(of source: any DataSource) -> SplitSpecification {
        var split = SplitSpecification()
        split.shuffle = !source.takesRowsInOrder
        return split
    }

    static let settings: [Setting<DataSettings>] = [
        Setting(
            "source", read: { node, catalog, data in data.source = try catalog.sources.readSource(node) },
            write: { data in data.source.anchored(in: data.root).named }),
        Setting(
            "split",
            read: { node, _, data in
                data.split = try SplitSpecification(configuration: node)
                if node["shuffle"] == nil { data.split.shuffle = Self.defaultSplit(of: data.source).shuffle }
            }, write: { $0.split.configuration }),
        Setting("scale", \.scale),
        Setting(
            "targetScale", read: { node, _, data in data.targetScale = try Scaling?(configuration: node) },
            write: { $0.targetScale?.configuration }),
        Setting(
            "limit",
            read: { node, _, data in
                data.limit = try Int?(configuration: node)
                guard data.limit.map({ $0 >= 1 }) ?? true else {
                    throw node.mismatch(expected: "a whole number of at least 1, or null")
                }
            }, write: { $0.limit.configuration }),
        Setting("loader", \.loader),
    ]

    public static func == (first: Self, second: Self) -> Bool { first.configuration == second.configuration }
    public func hash(into hasher: inout Hasher) { hasher.combine(configuration) }
}

/// The folder's path from the root, without parts that lead nowhere.
private func absolute(_ folder: String) -> String {
    let path = folder.hasPrefix("/") ? folder : "\(FileManager.default.currentDirectoryPath)/\(folder)"
    return "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
}
