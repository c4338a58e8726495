import EspalierSpec

/// Small photographs [3, 32, 32] of the range 0 to 255 in ten classes: 50,000 and a test set of 10,000.
///
/// The files of the binary version, as they were published, are in the folder `cifar-10-batches-bin` of the data root, or in
/// the root itself: `data_batch_1.bin` to `data_batch_5.bin`, `test_batch.bin`, `batches.meta.txt`.
///
/// Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images".
public struct CIFAR10Source: DataSource {
    /// The folder that holds `cifar-10-batches-bin`, or the files; nothing where the command line or the program says it.
    public var root: String?

    public init() {}
    public init(root: String?) { self.root = root }

    public static let name = "cifar10"
    public static let summary =
        "Photographs [3, 32, 32] in 10 classes from the data root's cifar-10-batches-bin/: 50,000 and 10,000 for the test"
    public static let fields = [Field("root", \Self.root, rootSummary)]

    static let firstFile = "data_batch_1.bin"

    public func anchored(in folder: String) -> Self { Self(root: root.map { resolve($0, relativeTo: folder) }) }
    public func rooted(at root: DataRoot) -> Self { Self(root: root.path(before: self.root)) }
    public func load(relativeTo folder: String) throws -> Dataset { try loadParts(relativeTo: folder).rest }

    public func loadParts(relativeTo folder: String) throws -> (rest: Dataset, test: Dataset?) {
        let files = try PublishedFolder(
            Self.name, "cifar-10-batches-bin", with: Self.firstFile, below: anchored(in: folder).root)
        return try files.parts(
            Self.name, train: (1...5).map { "data_batch_\($0).bin" }, test: "test_batch.bin", names: "batches.meta.txt",
            labelsPerRecord: 1)
    }
}

/// Small photographs [3, 32, 32] of the range 0 to 255 in a hundred classes: 50,000 and a test set of 10,000.
///
/// The files of the binary version, as they were published, are in the folder `cifar-100-binary` of the data root, or in the
/// root itself: `train.bin`, `test.bin`, `fine_label_names.txt`. Of the two labels of an image the finer one is taken.
///
/// Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images".
public struct CIFAR100Source: DataSource {
    /// The folder that holds `cifar-100-binary`, or the files; nothing where the command line or the program says it.
    public var root: String?

    public init() {}
    public init(root: String?) { self.root = root }

    public static let name = "cifar100"
    public static let summary =
        "Photographs [3, 32, 32] in 100 classes from the data root's cifar-100-binary/: 50,000 and 10,000 for the test"
    public static let fields = [Field("root", \Self.root, rootSummary)]

    static let namesFile = "fine_label_names.txt"

    public func anchored(in folder: String) -> Self { Self(root: root.map { resolve($0, relativeTo: folder) }) }
    public func rooted(at root: DataRoot) -> Self { Self(root: root.path(before: self.root)) }
    public func load(relativeTo folder: String) throws -> Dataset { try loadParts(relativeTo: folder).rest }

    public func loadParts(relativeTo folder: String) throws -> (rest: Dataset, test: Dataset?) {
        let files = try PublishedFolder(
            Self.name, "cifar-100-binary", with: Self.namesFile, below: anchored(in: folder).root)
        return try files.parts(
            Self.name, train: ["train.bin"], test: "test.bin", names: Self.namesFile, labelsPerRecord: 2)
    }
}

/// A folder of CIFAR's files.
private struct PublishedFolder {
    let path: String

    /// - Parameters:
    ///   - folder: What the folder is called in the data root.
    ///   - file: One of its files, by which it is known where the root is the folder itself.
    init(_ name: String, _ folder: String, with file: String, below root: String?) throws {
        guard let root else { throw missingRoot(of: name, holding: folder) }
        path = SystemFile.exists("\(root)/\(file)") ? root : "\(root)/\(folder)"
        guard SystemFile.isFolder(path) else {
            throw EspalierError(
                "there is no such folder", at: path, expected: "the files of \(name) in their binary version",
                fix: "fetch the files, or name another data root")
        }
    }

    func parts(
        _ name: String, train: [String], test: String, names: String, labelsPerRecord: Int
    ) throws -> (rest: Dataset, test: Dataset?) {
        if let missing = ([names] + train + [test]).first(where: { !SystemFile.exists("\(path)/\($0)") }) {
            throw EspalierError(
                "\(missing) is missing", at: path, expected: "the files of \(name) in their binary version",
                fix: "fetch the files, or name another data root")
        }
        let place = "\(path)/\(names)"
        let text = try SystemFile.text(try SystemFile.read(place, kind: "names of classes"), file: place)
        let classNames = text.split(whereSeparator: \.isNewline).map(String.init).filter { !$0.isEmpty }
        guard (1...256).contains(classNames.count) else {
            throw EspalierError(
                "it has \(classNames.count) names of classes", at: place, expected: "1 to 256, one a line")
        }
        let file = CIFARFile(labelsPerRecord: labelsPerRecord, classNames: classNames)
        func dataset(_ files: [String]) throws -> Dataset {
            let (pixels, labels) = try file.samples(files.map { "\(path)/\($0)" })
            return try Dataset(
                name: name, sampleShape: CIFARFile.sampleShape, samples: pixels,
                targets: .classes(labels, names: classNames), inputRange: 0...255)
        }
        return (try dataset(train), try dataset([test]))
    }
}
