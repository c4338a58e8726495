import EspalierSpec

/// Images in PNG and JPEG files, a folder for each class: `cats/1.jpg`, `dogs/1.jpg`.
///
/// Classes are numbered in the order of their names. Where there are folders `train` and `test` (or else `val`), each with
/// folders of classes, the second is the test set. Samples are [channels, height, width] of the range 0 to 255; they are
/// decoded when a batch is made. At the start the header of every file is read, so that a file that is no image is
/// named before the training. Opacity is left aside, and a picture is turned as its EXIF data asks.
public struct ImageFolderSource: DataSource {
    public var path = ""
    /// Height and width of the samples; nothing takes the size that all images have.
    public var size: [Int]?
    /// 1 for grey, 3 for red, green and blue; nothing takes 1 where every image is grey.
    public var channels: Int?
    public var resize = Resizing.cover

    public init() {}

    public init(path: String, size: [Int]? = nil, channels: Int? = nil, resize: Resizing = .cover) {
        self.path = path
        self.size = size
        self.channels = channels
        self.resize = resize
    }

    /// The largest height or width of samples.
    private static let largestSide = 8192

    public static let name = "imageFolder"
    public static let summary =
        "PNG and JPEG images in a folder for each class; below train/ and test/ (or val/), if they are there"
    public static let fields = [
        Field("path", \Self.path, "the folder that holds the classes, or train/ and test/", required: true),
        Field(
            "size", \Self.size, "height and width of the samples; null takes the size that all images have",
            accepting: "two whole numbers from 1 to \(largestSide): [height, width], or null",
            where: { $0.map { $0.count == 2 && $0.allSatisfy((1...largestSide).contains) } ?? true }),
        Field(
            "channels", \Self.channels, "1 for grey, 3 for colours; null takes 1 where every image is grey",
            accepting: "1, 3 or null", where: { $0 == nil || $0 == 1 || $0 == 3 }),
        Field(
            "resize", \Self.resize,
            "cover cuts off what is too long, contain leaves a border of 0, stretch changes proportions"),
    ]

    public func anchored(in folder: String) -> Self {
        var copy = self
        copy.path = resolve(path, relativeTo: folder)
        return copy
    }

    public func reading(as original: any DataSource, features: [String], sampleShape: [Int]) -> Self {
        var copy = self
        if let original = original as? ImageFolderSource { copy.resize = original.resize }
        if sampleShape.count == 3 {
            copy.channels = sampleShape[0]
            copy.size = Array(sampleShape.dropFirst())
        }
        return copy
    }

    public func decided(by dataset: Dataset, relativeTo folder: String) throws -> Self {
        var copy = self
        copy.channels = dataset.sampleShape[0]
        copy.size = Array(dataset.sampleShape.dropFirst())
        return copy
    }

    public func load(relativeTo folder: String) throws -> Dataset { try loadParts(relativeTo: folder).rest }

    public func loadParts(relativeTo folder: String) throws -> (rest: Dataset, test: Dataset?) {
        let parts = try ImageFolder(path: resolve(path, relativeTo: folder)).parts()
        let shape = try shape(of: parts.rest.files + (parts.test?.files ?? []))
        return (try dataset(parts.rest, shape), try parts.test.map { try dataset($0, shape) })
    }

    /// The images of a folder, with classes or without, or of a single file.
    public func loadInputs(relativeTo folder: String) throws -> (sampleShape: [Int], values: [Float]) {
        let path = resolve(path, relativeTo: folder), images = ImageFolder(path: path)
        let isFile = SystemFile.exists(path) && !SystemFile.isFolder(path)
        let loose = isFile ? [path] : try images.loose()
        let files = loose.isEmpty ? try images.parts().rest.files : loose
        let shape = try shape(of: files)
        var values = [Float](repeating: 0, count: files.count * shape.reduce(1, *))
        try values.withUnsafeMutableBufferPointer { try samples(files, shape).read(0..<files.count, into: $0) }
        return (shape, values)
    }

    private func samples(_ files: [String], _ shape: [Int]) -> ImageSamples {
        ImageSamples(files, channels: shape[0], height: shape[1], width: shape[2], by: resize)
    }

    private func dataset(_ contents: ImageFolder.Contents, _ shape: [Int]) throws -> Dataset {
        try Dataset(
            name: path.fileStem, sampleShape: shape,
            samples: samples(contents.files, shape),
            targets: .classes(contents.labels, names: contents.classNames), inputRange: 0...255)
    }

    /// What the samples are, after a look at the header of every file.
    private func shape(of files: [String]) throws -> [Int] {
        var found: (file: String, header: ImageFile.Header)?, isGrey = true
        for file in files {
            let header = try ImageFile.header(at: file)
            if header.channels == 3 { isGrey = false }
            guard size == nil, let first = found else {
                found = (file, header)
                continue
            }
            guard (header.height, header.width) == (first.header.height, first.header.width) else {
                throw EspalierError(
                    "it is \(header.height) x \(header.width), and \(first.file) is \(first.header.height) x "
                        + "\(first.header.width) (height x width)", at: file,
                    expected: "images of one size, where none is given",
                    fix: "\(Self.name): {path: \(path), size: [64, 64]}")
            }
        }
        guard let found else {
            throw EspalierError("there are no images", at: path, expected: "at least one .png, .jpg or .jpeg")
        }
        let size = size ?? [found.header.height, found.header.width]
        guard size.allSatisfy({ $0 <= Self.largestSide }) else {
            throw EspalierError(
                "it is \(size[0]) x \(size[1]) (height x width)", at: found.file,
                expected: "samples of at most \(Self.largestSide) along either axis",
                fix: "\(Self.name): {path: \(path), size: [224, 224]}")
        }
        return [channels ?? (isGrey ? 1 : 3)] + size
    }
}
