import EspalierData
import EspalierSpec

extension Experiment {
    /// Reads a configuration file, or takes a bare data source: what `espalier train CONFIG|DATA` is given.
    ///
    /// A name of a source (`digits`) or the path of a file of data (`.csv`) is a configuration with that data alone; anything
    /// else is the path of a YAML file, in whose folder relative paths start.
    ///
    /// - Parameters:
    ///   - path: The file, or the name of a source.
    ///   - overrides: The command line's `--set key.path=value`, without the `--set`.
    ///   - catalog: The parts that it can name.
    /// - Throws: `EspalierError` at `FILE:LINE:COL` of the first thing that cannot be used.
    public static func read(
        _ path: String, overrides: [String] = [], catalog: Catalog = .standard
    ) throws -> Experiment {
        if let source = bareSource(path, catalog) {
            let node = try ConfigurationNode(["data": ["source": source]]).applying(overrides: overrides)
            return try Experiment(configuration: node, catalog: catalog)
        }
        let isConfiguration = [".yaml", ".yml"].contains { path.lowercased().hasSuffix($0) }
        guard isConfiguration || SystemFile.exists(path) else {
            var error = unknown("configuration or data source", path, among: catalog.sources.names, at: nil)
            let names = catalog.sources.names.joined(separator: ", ")
            error.expected =
                "the path of a configuration (.yaml) or of data (.csv, .npz, .npy, .txt, IDX, a folder of images), or a source: "
                + names
            throw error
        }
        let node = try YAML.read(path).applying(overrides: overrides)
        let folder = SystemFile.folder(of: path)
        return try Experiment(configuration: node, catalog: catalog, folder: folder == "." ? "" : folder)
    }

    /// Written out, so that an override can reach the source's own settings.
    private static func bareSource(_ path: String, _ catalog: Catalog) -> ConfigurationValue? {
        if let source = FileSources.source(at: path, isFolder: SystemFile.isFolder(path)) { return source.named }
        return catalog.sources.names.contains(path) ? .string(path) : nil
    }
}
