import EspalierSpec

/// Arrays in IDX files, plain or compressed by gzip, as MNIST is published.
///
/// A folder holds four files under MNIST's names (`train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, and the same with
/// `t10k`, each with or without `.gz`); those of `t10k`, where they are there, are the test set. A file by itself has its
/// labels in another one. Bytes `[N, H, W]` are images `[1, H, W]` of the known range 0 to 255.
public struct IDXSource: DataSource {
    public var path = ""
    /// The file of the labels; nothing replaces `images-idx3` in the path by `labels-idx1`.
    public var labels: String?
    public var task: CSVSource.Task?
    /// Whether samples are held in memory; nothing leaves those of a plain file in it where they would take more than half a
    /// gibibyte.
    public var inMemory: Bool?

    public init() {}

    public init(path: String, labels: String? = nil, task: CSVSource.Task? = nil, inMemory: Bool? = nil) {
        self.path = path
        self.labels = labels
        self.task = task
        self.inMemory = inMemory
    }

    public static let name = "idx"
    public static let summary =
        "Images or other arrays in IDX files, plain or gzip: a folder like MNIST's, or two files"
    public static let fields = [
        Field("path", \Self.path, "the folder, or the file of the samples", required: true),
        Field("labels", \Self.labels, "the file of the labels; null looks for labels-idx1 in place of images-idx3"),
        Field("task", \Self.task, "classification or regression; null decides by the labels"),
        Field("inMemory", \Self.inMemory, inMemorySummary),
    ]

    public func anchored(in folder: String) -> Self {
        var copy = self
        copy.path = resolve(path, relativeTo: folder)
        copy.labels = labels.map { resolve($0, relativeTo: folder) }
        return copy
    }

    public func decided(by dataset: Dataset, relativeTo folder: String) throws -> Self {
        var copy = self
        copy.task = dataset.task
        return copy
    }

    public func load(relativeTo folder: String) throws -> Dataset { try loadParts(relativeTo: folder).rest }

    public func loadParts(relativeTo folder: String) throws -> (rest: Dataset, test: Dataset?) {
        let source = anchored(in: folder)
        if SystemFile.isFolder(source.path) {
            let files = IDXFolder(path: source.path)
            return try ArraySamples.datasets(
                name: source.path.fileStem, try files.samples("train", inMemory: inMemory),
                test: try files.has("t10k") ? files.samples("t10k", inMemory: inMemory) : nil, task: task)
        }
        let inputs = try ArrayFile(source.path, .idx, inMemory: inMemory)
        guard let labels = source.labels ?? IDXFolder.labels(of: source.path) else {
            throw EspalierError(
                "nothing says where the labels are", at: source.path, expected: "labels, or images-idx3 in the path",
                fix: "idx: {path: images.idx, labels: labels.idx}")
        }
        return try ArraySamples.datasets(
            name: source.path.fileStem, ArraySamples(inputs: inputs, targets: try IDXFile.read(labels)), task: task)
    }

    public func loadInputs(relativeTo folder: String) throws -> (sampleShape: [Int], values: [Float]) {
        let path = resolve(path, relativeTo: folder)
        guard !SystemFile.isFolder(path) else {
            let dataset = try load(relativeTo: folder)
            return (dataset.sampleShape, try dataset.inputValues())
        }
        let array = try IDXFile.read(path)
        return (ArraySamples.sampleShape(of: array.layout), try ArraySamples.numbers(in: array))
    }
}

let inMemorySummary =
    "whether samples are held in memory; null leaves them in the file where they would take more than 512 MiB"

/// A folder with the files of MNIST, under the names that they were published with.
struct IDXFolder {
    let path: String

    /// - Parameter part: `train` or `t10k`.
    func has(_ part: String) -> Bool { file("\(part)-images-idx3-ubyte") != nil }

    /// - Throws: `EspalierError` where a file is missing or damaged.
    func samples(_ part: String, inMemory: Bool? = nil) throws -> ArraySamples {
        try ArraySamples(
            inputs: try ArrayFile(try needed("\(part)-images-idx3-ubyte"), .idx, inMemory: inMemory),
            targets: try IDXFile.read(try needed("\(part)-labels-idx1-ubyte")))
    }

    private func needed(_ name: String) throws -> String {
        if let file = file(name) { return file }
        throw EspalierError(
            SystemFile.isFolder(path) ? "\(name) is missing" : "there is no such folder", at: path,
            expected: "a folder with \(name) or \(name).gz", fix: "fetch the files, or name another folder")
    }

    private func file(_ name: String) -> String? {
        // Some archives have a point in place of the last hyphen but one.
        let variants = [name, name.replacing("-idx", with: ".idx")]
        return variants.flatMap { ["\(path)/\($0)", "\(path)/\($0).gz"] }.first(where: SystemFile.exists)
    }

    /// Where the labels of the images at `path` are by their name; nothing where it does not tell.
    static func labels(of path: String) -> String? {
        let labels = path.replacing("images-idx3", with: "labels-idx1").replacing("images.idx3", with: "labels.idx1")
        return labels == path ? nil : labels
    }
}

extension Dataset {
    /// What `task` is called for such targets.
    var task: CSVSource.Task { if case .classes = targets { .classification } else { .regression } }
}
