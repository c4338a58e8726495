import EspalierSpec

/// Which source reads a file or folder, by its path and, for a folder, by what is in it.
public enum FileSources {
    /// What a path can be of, in words.
    public static let accepted =
        "a .csv, .npz, .npy, .txt or IDX file, or of a folder of IDX files, of images by class, or of CIFAR's binary files"

    /// The source for `path`; nothing where it is no path, or not of data.
    ///
    /// - Parameters:
    ///   - path: The path of a file or folder.
    ///   - folder: What a relative path starts from.
    ///   - isFolder: Whether it is a folder where it has no ending.
    public static func source(
        at path: String, relativeTo folder: String = "", isFolder: Bool
    ) -> (any DataSource)? {
        let file = (path.split(separator: "/").last ?? "").lowercased()
        switch file.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last {
        case "csv": return CSVSource(path: path)
        case "npz": return NPZSource(path: path)
        case "npy": return NPYSource(path: path)
        case "txt": return TextSource(path: path)
        case "idx": return IDXSource(path: path)
        case let ending? where ImageFile.endings.contains(String(ending)): return ImageFolderSource(path: path)
        default: break
        }
        if file.hasSuffix(".csv.gz") { return CSVSource(path: path) }
        if ["-ubyte", ".idx"].contains(where: { file.hasSuffix($0) || file.hasSuffix($0 + ".gz") }) {
            return IDXSource(path: path)
        }
        guard isFolder else { return nil }
        let place = resolve(path, relativeTo: folder)
        guard SystemFile.isFolder(place) else { return file.contains(".") ? nil : IDXSource(path: path) }
        if SystemFile.exists("\(place)/\(CIFAR10Source.firstFile)") { return CIFAR10Source(root: path) }
        if SystemFile.exists("\(place)/\(CIFAR100Source.namesFile)") { return CIFAR100Source(root: path) }
        return !IDXFolder(path: place).has("train") && ImageFolder.isOne(place)
            ? ImageFolderSource(path: path) : IDXSource(path: path)
    }
}
