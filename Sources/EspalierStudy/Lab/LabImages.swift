import EspalierData
import EspalierSpec

/// Images that an experiment learns from, as flat samples, and others to test on.
struct LabImages: Sendable {
    /// "MNIST".
    var name: String
    /// Whether the built-in digits stand in for what the book used.
    var isStandIn: Bool
    /// In the order of the files.
    var train: Dataset
    var test: Dataset

    /// How many numbers a sample has: 784.
    var pixels: Int { train.sampleSize }
    var classes: Int { train.classCounts?.count ?? 0 }

    /// The images without those behind the first `count` to learn from; all of them if not given.
    func first(_ count: Int?) -> LabImages {
        var copy = self
        if let count, count < train.count { copy.train = train[0..<count] }
        return copy
    }

    /// The first `count` images to validate on, the others to learn from, as Keras's examples take them.
    func held(_ count: Int) -> (train: Dataset, validation: Dataset) {
        let count = min(count, train.count / 5)
        return (train[count..<train.count], train[0..<count])
    }
}

/// The images that books learn from.
enum LabImageSet: String {
    case mnist, fashionMNIST

    fileprivate var folder: String { self == .mnist ? "mnist" : "fashion" }
    fileprivate var title: String { self == .mnist ? "MNIST" : "Fashion-MNIST" }
}

extension Lab {
    /// The images in 0...1, or the built-in digits where the data root lacks them.
    ///
    /// - Throws: `EspalierError` where files are there and cannot be read.
    func images(_ set: LabImageSet) throws -> LabImages {
        guard let root = dataRoot?.path, SystemFile.isFolder("\(root)/\(set.folder)") else {
            var sizes = SplitSpecification()
            sizes.train = .count(1437)
            sizes.test = .count(360)
            let split = try sizes(DigitsSource().load(relativeTo: ""))
            return try LabImages(
                name: "the built-in digits", isStandIn: true, train: flat(split.train),
                test: flat(split.test ?? split.train))
        }
        let source: any DataSource =
            set == .mnist ? MNISTSource(root: root) : FashionMNISTSource(root: root)
        let parts = try source.loadParts(relativeTo: "")
        return try LabImages(
            name: set.title, isStandIn: false, train: flat(parts.rest), test: flat(parts.test ?? parts.rest))
    }

    private func flat(_ images: Dataset) throws -> Dataset {
        let range = images.inputRange ?? 0...1, scale = 1 / (range.upperBound - range.lowerBound)
        return try Dataset(
            name: images.name, sampleShape: [images.sampleSize],
            inputs: images.inputValues().map { ($0 - range.lowerBound) * scale }, targets: images.targets,
            inputRange: 0...1)
    }
}

extension LabImages {
    /// Each pixel with mean 0 and standard deviation 1 over what is learned from.
    func standardized(holding count: Int) throws -> (train: Dataset, validation: Dataset, test: Dataset) {
        let (train, validation) = held(count)
        var split = DataSplit(train: train, validation: validation, test: test)
        _ = try split.scale(.standard)
        return (split.train, split.validation ?? validation, split.test ?? test)
    }
}
