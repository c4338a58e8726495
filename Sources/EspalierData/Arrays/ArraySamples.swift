import EspalierSpec

/// Samples and what is to be predicted of them, out of arrays whose first axis counts the samples.
struct ArraySamples {
    /// Of one sample.
    let shape: [Int]
    let inputs: Inputs
    let inputRange: ClosedRange<Float>?
    /// All targets, one sample after the other, exact for whole numbers up to 2^53.
    let targets: [Double]
    /// Whether the targets' type has whole numbers alone.
    let hasWholeTargets: Bool
    let targetPlace: String

    enum Inputs {
        case values([Float])
        case file(FileSamples)
    }

    let count: Int
    var width: Int { targets.count / count }

    /// - Throws: `EspalierError` where the arrays have different numbers of samples, or `inputs` are not finite.
    init(inputs: ArrayFile, targets: NumericArray) throws {
        guard inputs.shape[0] == targets.shape[0] else {
            throw EspalierError(
                "\(targets.shape[0]) targets for the \(inputs.shape[0]) samples of \(inputs.place)", at: targets.place,
                expected: "as many targets as samples", fix: "see that both are of the same set")
        }
        shape = Self.sampleShape(of: inputs.layout)
        count = inputs.shape[0]
        switch inputs {
        case .memory(let array): self.inputs = .values(try Self.numbers(in: array))
        case .file(let samples):
            _ = try samples.scan()
            self.inputs = .file(samples)
        }
        inputRange = inputs.layout.element == .uint8 ? 0...255 : nil
        self.targets = targets.values(as: Double.self)
        hasWholeTargets = targets.layout.element.isWhole
        targetPlace = targets.place
        try Self.checkFinite(self.targets, of: targets)
    }

    /// A table whose last column is the target.
    init(table: ArrayFile) throws {
        guard table.shape.count == 2, table.shape[1] >= 2 else {
            throw EspalierError(
                "its shape is \(table.shape), which leaves no last column to predict", at: table.place,
                expected: "a table of at least two columns, or targets in a file of their own",
                fix: "npy: {path: x.npy, targets: y.npy}")
        }
        let width = table.shape[1]
        switch table {
        case .memory(let array):
            let numbers = try Self.numbers(in: array)
            let exact = array.values(as: Double.self)
            inputs = .values(numbers.indices.filter { ($0 + 1) % width != 0 }.map { numbers[$0] })
            targets = stride(from: width - 1, to: exact.count, by: width).map { exact[$0] }
        case .file(let samples):
            targets = try samples.scan(column: width - 1)
            inputs = .file(try FileSamples(copying: samples, columns: 0..<width - 1))
        }
        shape = [width - 1]
        count = table.shape[0]
        inputRange = table.layout.element == .uint8 ? 0...255 : nil
        hasWholeTargets = table.layout.element.isWhole
        targetPlace = table.place
    }

    /// Bytes in three axes are images of one channel.
    static func sampleShape(of layout: NumericArray.Layout) -> [Int] {
        let shape = Array(layout.shape.dropFirst())
        if shape.isEmpty { return [1] }
        return shape.count == 2 && layout.element == .uint8 ? [1] + shape : shape
    }

    /// The numbers of samples, all of them finite.
    static func numbers(in array: NumericArray) throws -> [Float] {
        let numbers = array.values(as: Float.self)
        if !array.layout.element.isWhole { try checkFinite(numbers, of: array) }
        return numbers
    }

    private static func checkFinite<Number: BinaryFloatingPoint>(_ numbers: [Number], of array: NumericArray) throws {
        guard let index = numbers.firstIndex(where: { !$0.isFinite }) else { return }
        let size = numbers.count / array.shape[0]
        throw notFinite(Float(numbers[index]), at: array.place, row: index / size, number: index % size)
    }

    static func notFinite(_ value: Float, at place: String, row: Int, number: Int) -> EspalierError {
        EspalierError(
            "the value is \(value)", at: "\(place), row \(row + 1), number \(number + 1)",
            expected: "a finite 32-bit number", fix: "remove the row, or fill in what is missing")
    }

    // MARK: Targets

    /// Whether the targets are classes, where nobody says: whole numbers of which each is there twice on average.
    private var looksLikeClasses: Bool {
        guard hasWholeTargets else { return false }
        var values: Set<Double> = []
        for target in targets {
            values.insert(target)
            if 2 * values.count > targets.count { return false }
        }
        return true
    }

    /// The samples as a dataset, and those of a test set with the same classes.
    ///
    /// - Parameters:
    ///   - test: Samples of the same shape that are kept for the test.
    ///   - task: Nothing decides by the type of the targets.
    ///   - classNames: The names of the classes 0, 1, …; nothing takes the values that occur, in ascending order.
    static func datasets(
        name: String, _ samples: ArraySamples, test: ArraySamples? = nil, task: CSVSource.Task? = nil,
        classNames: [String]? = nil
    ) throws -> (rest: Dataset, test: Dataset?) {
        if let test, test.shape != samples.shape || test.width != samples.width {
            throw EspalierError(
                "the test samples have the shape \(test.shape) and \(test.width) targets each", at: test.targetPlace,
                expected: "\(samples.shape) and \(samples.width), as the others")
        }
        let all = [samples] + (test.map { [$0] } ?? [])
        guard task.map({ $0 == .classification }) ?? samples.looksLikeClasses else {
            let sets = try all.map { try $0.dataset(name: name, $0.values) }
            return (sets[0], sets.count == 2 ? sets[1] : nil)
        }
        let values = try classNames.map { Array($0.indices).map(Double.init) } ?? Self.classValues(of: all)
        let names = classNames ?? values.map { String(Int($0)) }
        let numbers = Dictionary(uniqueKeysWithValues: zip(values, Int32(0)...))
        let sets = try all.map { try $0.dataset(name: name, .classes($0.labels(numbers), names: names)) }
        return (sets[0], sets.count == 2 ? sets[1] : nil)
    }

    private func dataset(name: String, _ targets: Dataset.Targets) throws -> Dataset {
        switch inputs {
        case .values(let values):
            try Dataset(name: name, sampleShape: shape, inputs: values, targets: targets, inputRange: inputRange)
        case .file(let samples):
            try Dataset(name: name, sampleShape: shape, samples: samples, targets: targets, inputRange: inputRange)
        }
    }

    private var values: Dataset.Targets {
        .values(
            targets.map { Float($0) }, width: width,
            names: width == 1 ? ["target"] : (1...width).map { "target\($0)" })
    }

    private static func classValues(of sets: [ArraySamples]) throws -> [Double] {
        var values: Set<Double> = []
        for set in sets {
            for (index, value) in set.targets.enumerated() where values.insert(value).inserted {
                guard value == value.rounded(), value.magnitude <= 0x1p53 else {
                    throw EspalierError(
                        "the class is \(value)", at: "\(set.targetPlace), row \(index / set.width + 1)",
                        expected: "whole numbers for classes", fix: "task: regression, if it is a value")
                }
            }
        }
        return values.sorted()
    }

    private func labels(_ numbers: [Double: Int32]) throws -> [Int32] {
        try targets.enumerated().map { index, value in
            guard let number = numbers[value] else {
                throw EspalierError(
                    "the class is \(value)", at: "\(targetPlace), row \(index / width + 1)",
                    expected: "a whole number from 0 to \(numbers.count - 1)")
            }
            return number
        }
    }
}
