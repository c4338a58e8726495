import EspalierSpec

/// Which source reads a file or folder, by its path alone.
public enum FileSources {
    /// What a path can be of, in words.
    public static let accepted = "a .csv, .npz, .npy, .txt or IDX file, or of a folder of IDX files"

    /// The source for `path`; nothing where it is no path, or not of data.
    ///
    /// - Parameter isFolder: Whether it is a folder where it has no ending.
    public static func source(at path: String, isFolder: Bool) -> (any DataSource)? {
        let file = (path.split(separator: "/").last ?? "").lowercased()
        switch file.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last {
        case "csv": return CSVSource(path: path)
        case "npz": return NPZSource(path: path)
        case "npy": return NPYSource(path: path)
        case "txt": return TextSource(path: path)
        case "idx": return IDXSource(path: path)
        default: break
        }
        let isIDX = ["-ubyte", ".idx"].contains { file.hasSuffix($0) || file.hasSuffix($0 + ".gz") }
        return isIDX || isFolder && !file.contains(".") ? IDXSource(path: path) : nil
    }
}
