import Espalier
import Testing

@testable import EspalierDoctor
@testable import EspalierTraining

/// Numbers that are not finite, planted in each place from which they come: the finding names that place.
@Suite struct NonFiniteNamingTests {
    /// Some samples of three classes, of which one may be spoilt.
    private static let count = 48
    private static let shape = [1, 6, 6]

    private static func inputs() -> [Float] {
        var random = RandomStream(key: .init(seed: 1))
        return (0..<count * 36).map { index in Float(random.normal()) + Float(index / 36 % 3) }
    }

    private static let classes = Dataset.Targets.classes((0..<count).map { Int32($0 % 3) }, names: ["a", "b", "c"])

    /// A store that does not keep what it promises.
    private struct Spoilt: SampleStore {
        var row: Int
        var value: Float
        private let values = NonFiniteNamingTests.inputs()
        var count: Int { NonFiniteNamingTests.count }

        init(row: Int, value: Float = .nan) { (self.row, self.value) = (row, value) }

        func read(_ row: Int, into sample: UnsafeMutableBufferPointer<Float>) {
            _ = sample.update(fromContentsOf: values[row * 36..<(row + 1) * 36])
            if row == self.row { sample[7] = value }
        }

        func place(of row: Int) -> String? { "picture-\(row).png" }
    }

    /// The same as a configuration's source.
    private struct SpoiltSource: DataSource {
        var row = 0
        static let name = "spoilt"
        static let summary = "Samples of which one is no number"
        static let fields = [Field("row", \Self.row, "which")]

        func load(relativeTo folder: String) throws -> Dataset {
            try Dataset(
                name: Self.name, sampleShape: shape, samples: Spoilt(row: row), targets: NonFiniteNamingTests.classes)
        }
    }

    /// 0 where it is refused: the logarithm of it is not finite.
    private final class Logarithm: Layer {
        var description: String { "Logarithm()" }
        func forward(_ x: Tensor) -> Tensor { x.log() }
    }

    /// Whose logarithm nothing guards.
    private struct Likelihood: Loss {
        static let name = "likelihood"
        static let summary = "Negative logarithm of all outputs"
        static let fields: [Field<Self>] = []
        static let target = TargetKind.classes

        func callAsFunction(_ outputs: Tensor, _ targets: Tensor) -> Tensor {
            -Tensor.maximum(outputs, 0).log().sum(axes: [-1])
        }
    }

    enum Kind: CaseIterable { case dense, convolutional }

    private static func model(_ kind: Kind, outputs: Int = 3) -> Sequential {
        switch kind {
        case .dense:
            Sequential {
                Flatten()
                Linear(36, 16)
                BatchNorm(16)
                ReLU()
                Linear(16, outputs)
            }
        case .convolutional:
            Sequential {
                Conv2d(1, 4, kernelSize: 3)
                BatchNorm(4)
                ReLU()
                Flatten()
                Linear(64, outputs)
            }
        }
    }

    /// The finding in the end, and the step where it happened.
    private func diagnosis(
        _ model: Sequential, _ data: Dataset, loss: any Loss = CrossEntropyLoss(),
        optimizer: any Optimizer = Adam(), seed: Int, policy: NonFinitePolicy = .stop,
        prepare: (Trainer) throws -> Void = { _ in }
    ) throws -> (finding: Finding, result: TrainingResult, all: Diagnosis) {
        let trainer = try Trainer(
            model, loss: loss, optimizer: optimizer,
            settings: TrainingSettings(epochs: 3, batchSize: 12, seed: seed, nonFinite: policy),
            doctor: DoctorSettings(), sampleShape: Shape(Self.shape),
            targetShape: type(of: loss).target == .values ? [1] : [], targetKind: type(of: loss).target,
            engine: Engine(threads: 1))
        try prepare(trainer)
        _ = Doctor(attending: trainer)
        let result = try trainer.fit(data)
        return (try #require(trainer.diagnosis.findings.first), result, trainer.diagnosis)
    }

    private func told(_ finding: Finding, _ place: String, _ result: TrainingResult) {
        #expect(finding.symptom == .nonFinite)
        #expect(finding.severity == .error)
        #expect(finding.location == place)
        #expect(finding.step == result.steps)
        #expect(result.status == .diverged)
    }

    @Test(arguments: Kind.allCases, [1, 2, 3]) func aRowOfData(_ kind: Kind, seed: Int) throws {
        for row in [0, 21, 47] {
            let data = try Dataset(
                name: "album", sampleShape: Self.shape, samples: Spoilt(row: row, value: row == 21 ? .infinity : .nan),
                targets: Self.classes)
            // The last part, so that the row's place in the part is another than in the whole.
            let part = data[Array(stride(from: Self.count - 1, through: 0, by: -1))]
            let (finding, result, all) = try diagnosis(Self.model(kind), part, seed: seed)
            told(finding, "album, row \(row + 1) (picture-\(row).png)", result)
            #expect(finding.explanation.contains("the sample album, row \(row + 1) (picture-\(row).png) is not finite"))
            #expect(finding.explanation.contains("leave the row out"))
            #expect(finding.remedies.isEmpty && all.findings.count == 1)
        }
    }

    /// Finite, and too large to be multiplied and added.
    @Test(arguments: Kind.allCases, [1, 2, 3]) func aRowThatOverflows(_ kind: Kind, seed: Int) throws {
        var inputs = Self.inputs()
        for index in 30 * 36..<31 * 36 { inputs[index] = 3e38 }
        let data = try Dataset(name: "table", sampleShape: Self.shape, inputs: inputs, targets: Self.classes)
        let (finding, result, _) = try diagnosis(Self.model(kind), data[20..<48], seed: seed)
        told(finding, kind == .dense ? "1" : "0", result)
        #expect(finding.explanation.contains(", of table, row 31. "), "\(finding.explanation)")
    }

    @Test(arguments: Kind.allCases, [1, 2]) func aWeight(_ kind: Kind, seed: Int) throws {
        let data = try Dataset(name: "table", sampleShape: Self.shape, inputs: Self.inputs(), targets: Self.classes)
        let paths = kind == .dense ? ["1.weight", "2.bias", "4.bias"] : ["0.bias", "1.weight", "4.weight"]
        for path in paths + [kind == .dense ? "2.running_mean" : "1.running_var"] {
            let isWeight = !path.contains("running")
            let (finding, result, all) = try diagnosis(Self.model(kind), data, seed: seed) { trainer in
                let buffer = isWeight ? trainer.state.parameters : trainer.state.statistics
                try #require(buffer.values(path))[0] = .nan
            }
            told(finding, path, result)
            #expect(result.steps == 1)
            #expect(
                finding.explanation.contains(
                    isWeight
                        ? "the parameter \(path) was not finite before the step"
                        : "the statistics \(path) were not finite before the step"))
            #expect(finding.explanation.contains("weights that the training began with"))
            #expect(finding.remedies.isEmpty && all.findings.count == 1)
        }
    }

    @Test(arguments: Kind.allCases, [1, 2, 3]) func aRateOfTen(_ kind: Kind, seed: Int) throws {
        let data = try Dataset(
            name: "table", sampleShape: Self.shape, inputs: Self.inputs(),
            targets: .values((0..<Self.count).map { Float($0 % 3) }, width: 1, names: ["y"]))
        let model = Sequential(Self.model(kind, outputs: 1).layers.filter { !($0 is BatchNorm) })
        let (finding, result, all) = try diagnosis(
            model, data, loss: MeanSquaredError(), optimizer: SGD(learningRate: 10), seed: seed)
        #expect(result.status == .diverged)
        #expect(finding.symptom == .learningRateTooHigh)
        #expect(finding.consequences.contains(.nonFinite))
        #expect(finding.evidence.contains(.init("learningRate", 10)))
        #expect(finding.explanation.contains("learning rate 10"))
        #expect(all.findings.count { $0.severity > .info } == 1, "\(all.findings.map(\.symptom))")
    }

    @Test(arguments: Kind.allCases, [1, 2, 3]) func aLogarithmOfZero(_ kind: Kind, seed: Int) throws {
        var inputs = Self.inputs().map { abs($0) + 0.1 }
        for index in 13 * 36..<14 * 36 { inputs[index] = 0 }
        let data = try Dataset(name: "table", sampleShape: Self.shape, inputs: inputs, targets: Self.classes)
        // In a layer, of the row that has zeros.
        let layered = Sequential([Logarithm()] + Self.model(kind).layers)
        let first = try diagnosis(layered, data, seed: seed)
        told(first.finding, "0", first.result)
        #expect(first.finding.explanation.contains("layer 0, Logarithm(), in logarithm, of table, row 14. "))
        // In the loss, of outputs that are zero.
        let second = try diagnosis(Self.model(kind), data, loss: Likelihood(), seed: seed)
        told(second.finding, "loss", second.result)
        #expect(second.finding.explanation.contains("the loss, likelihood, in logarithm"))
    }

    /// Whose logarithm of zero the loss bounds.
    @Test(arguments: [1, 2]) func whatIsBoundedIsNotFound(seed: Int) throws {
        let data = try Dataset(name: "table", sampleShape: Self.shape, inputs: Self.inputs(), targets: Self.classes)
        let model = Sequential(Self.model(.dense).layers + [ReLU()])
        let trainer = try Trainer(
            model, loss: CrossEntropyOnProbabilities(), optimizer: Adam(),
            settings: TrainingSettings(epochs: 3, batchSize: 12, seed: seed), sampleShape: Shape(Self.shape),
            engine: Engine(threads: 1))
        _ = Doctor(attending: trainer)
        #expect(try trainer.fit(data).status == .completed)
        #expect(!trainer.diagnosis.findings.contains { $0.symptom == .nonFinite })
    }

    /// A configuration's data is read before anything else looks at it.
    @Test(arguments: [3, 40]) func aConfigurationsRowIsRefused(row: Int) throws {
        var catalog = Catalog.standard
        catalog.sources.register(SpoiltSource.self) { $0 }
        let text = """
            data: {source: {spoilt: {row: \(row)}}, split: {train: 48, validation: none, test: none}, scale: none}
            model: [flatten, {linear: {units: auto}}]
            """
        let experiment = try Experiment(configuration: YAML.parse(text, file: "test.yaml"), catalog: catalog)
        let folder = try TemporaryFolder()
        let error = #expect(throws: EspalierError.self) {
            try TrainingRun(
                experiment, in: { _ in try RunFolder.taking(folder.path + "/run") }, attendant: Doctor(),
                engine: Engine(threads: 1))
        }
        #expect(error?.location == "spoilt, row \(row + 1) (picture-\(row).png)")
        #expect(error?.what == "after scaling, number 8 is nan")
    }

    /// What the looks before the first step, the run's folder and `diagnosis.json` make of a weight out of a file.
    @Test(arguments: [1, 2]) func aRunNamesTheWeight(seed: Int) throws {
        let folder = try TemporaryFolder()
        for (layers, path) in [
            ("flatten, {linear: {units: 16}}, relu", "1.weight"),
            ("{reshape: {shape: [1, 8, 8]}}, {conv2d: {channels: 4, kernelSize: 3}}, relu, flatten", "1.bias"),
        ] {
            func text(_ more: String) -> String {
                """
                data: {source: digits, limit: 300}
                model: [\(layers), {linear: {units: auto}}]
                training: {epochs: 1, seed: \(seed)}
                \(more)
                """
            }
            let plain = try Experiment(text: text("")).prepare().makeTrainer(engine: Engine(threads: 1))
            try #require(plain.state.parameters.values(path))[1] = .nan
            let file = folder.path + "/weights-\(path).safetensors"
            let arrays = plain.state.parameters.entries.map { entry in
                NamedArray(
                    entry.path, shape: entry.shape.dimensions,
                    .float(plain.state.parameters.values(entry.path).map { Array($0) } ?? []))
            }
            try SafeTensors(arrays).write(to: file)
            let run = try TrainingRun(
                Experiment(text: text("initialWeights: {file: \(file)}")),
                in: { _ in try RunFolder.taking(folder.path + "/run-\(path)") }, attendant: Doctor(),
                engine: Engine(threads: 1))
            let diagnosis = try #require(run.diagnosis), finding = try #require(diagnosis.findings.first)
            #expect(finding.symptom == .nonFinite && finding.severity == .error && finding.location == path)
            #expect(finding.remedies.isEmpty && finding.step == 0)
            #expect(finding.evidence == [.init(Finding.given, 1)])
            #expect(diagnosis.findings.count { $0.severity > .info } == 1, "\(diagnosis.findings.map(\.symptom))")
            #expect(try Doctor.diagnosis(of: run.folder) == diagnosis)
        }
    }
}
