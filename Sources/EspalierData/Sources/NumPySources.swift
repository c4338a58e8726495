import EspalierSpec

/// Named arrays in an archive of NumPy (`numpy.savez`, `numpy.savez_compressed`).
///
/// The first axis counts samples. Bytes `[N, H, W]` are images `[1, H, W]`; bytes have the known range 0 to 255.
public struct NPZSource: DataSource {
    public var path = ""
    /// The name of the array of samples, and of that of targets.
    public var x = "x"
    public var y = "y"
    /// The names of the arrays of a test set; nothing where the archive has none.
    public var testX: String?
    public var testY: String?
    public var task: CSVSource.Task?

    public init() {}

    public init(path: String, x: String = "x", y: String = "y", task: CSVSource.Task? = nil) {
        self.path = path
        self.x = x
        self.y = y
        self.task = task
    }

    public static let name = "npz"
    public static let summary = "Arrays of samples and targets in a NumPy archive (.npz)"
    public static let fields = [
        Field("path", \Self.path, "the file, relative to the configuration's folder", required: true),
        Field("x", \Self.x, "the array of samples"),
        Field("y", \Self.y, "the array of targets"),
        Field("testX", \Self.testX, "the array of a test set's samples, or null"),
        Field("testY", \Self.testY, "the array of a test set's targets, or null"),
        Field("task", \Self.task, "classification or regression; null takes whole numbers that repeat as classes"),
    ]

    public func validate() throws {
        guard (testX == nil) == (testY == nil) else {
            throw EspalierError(
                "only \(testX == nil ? "testY" : "testX") is given", expected: "both testX and testY, or neither",
                fix: "npz: {path: mnist.npz, x: x_train, y: y_train, testX: x_test, testY: y_test}")
        }
    }

    public func anchored(in folder: String) -> Self {
        var copy = self
        copy.path = resolve(path, relativeTo: folder)
        return copy
    }

    public func decided(by dataset: Dataset, relativeTo folder: String) throws -> Self {
        var copy = self
        copy.task = dataset.task
        return copy
    }

    public func load(relativeTo folder: String) throws -> Dataset { try loadParts(relativeTo: folder).rest }

    public func loadParts(relativeTo folder: String) throws -> (rest: Dataset, test: Dataset?) {
        try validate()
        let archive = try archive(relativeTo: folder)
        func samples(_ x: String, _ y: String) throws -> ArraySamples {
            try ArraySamples(inputs: .memory(array(x, in: archive)), targets: array(y, in: archive))
        }
        let test: ArraySamples? = if let testX, let testY { try samples(testX, testY) } else { nil }
        return try ArraySamples.datasets(name: path.fileStem, samples(x, y), test: test, task: task)
    }

    public func loadInputs(relativeTo folder: String) throws -> (sampleShape: [Int], values: [Float]) {
        let array = try array(x, in: try archive(relativeTo: folder))
        return (ArraySamples.sampleShape(of: array.layout), try ArraySamples.numbers(in: array))
    }

    private func archive(relativeTo folder: String) throws -> ZipArchive {
        let path = resolve(path, relativeTo: folder)
        return try ZipArchive(try SystemFile.read(path, kind: "npz data"), path: path)
    }

    private func array(_ name: String, in archive: ZipArchive) throws -> NumericArray {
        guard let entry = archive.entries.first(where: { $0.name == name + ".npy" }) else {
            let names = archive.entries.map { $0.name.hasSuffix(".npy") ? String($0.name.dropLast(4)) : $0.name }
            throw unknown("array", name, among: names, at: archive.path)
        }
        return try NumPyFile.array(
            in: try archive.contents(of: entry), place: "\(archive.path), array \(name.debugDescription)")
    }
}

/// An array in a file of NumPy (`numpy.save`), with its targets in another one, or in its last column.
///
/// The first axis counts samples. Bytes `[N, H, W]` are images `[1, H, W]`; bytes have the known range 0 to 255.
public struct NPYSource: DataSource {
    public var path = ""
    /// The file of the targets; nothing takes the last column of a table.
    public var targets: String?
    public var task: CSVSource.Task?
    /// Whether samples are held in memory; nothing leaves them in the file where they would take more than half a gibibyte.
    public var inMemory: Bool?

    public init() {}

    public init(path: String, targets: String? = nil, task: CSVSource.Task? = nil, inMemory: Bool? = nil) {
        self.path = path
        self.targets = targets
        self.task = task
        self.inMemory = inMemory
    }

    public static let name = "npy"
    public static let summary = "An array of samples in a NumPy file (.npy), targets in another or in the last column"
    public static let fields = [
        Field("path", \Self.path, "the file, relative to the configuration's folder", required: true),
        Field("targets", \Self.targets, "the file of the targets; null takes the last column of path"),
        Field("task", \Self.task, "classification or regression; null takes whole numbers that repeat as classes"),
        Field("inMemory", \Self.inMemory, inMemorySummary),
    ]

    public func anchored(in folder: String) -> Self {
        var copy = self
        copy.path = resolve(path, relativeTo: folder)
        copy.targets = targets.map { resolve($0, relativeTo: folder) }
        return copy
    }

    public func decided(by dataset: Dataset, relativeTo folder: String) throws -> Self {
        var copy = self
        copy.task = dataset.task
        return copy
    }

    public func load(relativeTo folder: String) throws -> Dataset {
        let source = anchored(in: folder)
        let array = try ArrayFile(source.path, .npy, inMemory: inMemory)
        let samples =
            if let targets = source.targets {
                try ArraySamples(inputs: array, targets: try NumPyFile.read(targets))
            } else {
                try ArraySamples(table: array)
            }
        return try ArraySamples.datasets(name: path.fileStem, samples, task: task).rest
    }

    /// Every column of the file, since there are no targets to predict from.
    public func loadInputs(relativeTo folder: String) throws -> (sampleShape: [Int], values: [Float]) {
        let array = try NumPyFile.read(resolve(path, relativeTo: folder))
        return (ArraySamples.sampleShape(of: array.layout), try ArraySamples.numbers(in: array))
    }
}
