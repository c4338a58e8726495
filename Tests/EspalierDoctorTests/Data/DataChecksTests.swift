import Espalier
import EspalierGraph
import Foundation
import Testing

@testable import EspalierDoctor

/// Faults that are planted in tables are found, and the tables as they are have none.
struct DataChecksTests {
    static let seeds = 1...5

    static let housing: (any DataSource)? = {
        let beside = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "shared/data").path
        let root = ProcessInfo.processInfo.environment[DataRoot.variable] ?? beside,
            path = root + "/housing/housing.csv"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        var source = CSVSource(path: path, target: ["median_house_value"])
        source.missing = PerColumn(.fitted(.median))
        source.columns = ["ocean_proximity": .oneHot(nil)]
        return source
    }()

    func findings(
        _ source: any DataSource, seed: Int = 1, scale: Scaling = .standard, limit: Int? = nil,
        _ change: (inout Experiment) -> Void = { _ in }
    ) throws -> [Finding] {
        var split = SplitSpecification()
        split.seed = seed
        var experiment = Experiment(
            data: DataSettings(source: source, split: split, scale: scale, limit: limit))
        experiment.training.seed = seed
        change(&experiment)
        let picture = try DataPicture(try experiment.prepare())
        return try Examination.dataChecks.flatMap { try $0.findings(in: picture) }
    }

    /// What matters.
    func symptoms(_ findings: [Finding]) -> [Symptom] {
        findings.filter { $0.severity > .info }.map(\.symptom)
    }

    static let tables: [any DataSource] = [WineSource(), BreastCancerSource()] + (housing.map { [$0] } ?? [])

    // MARK: As they are

    static let originals: [any DataSource] =
        tables + [
            IrisSource(), DiabetesSource(), DigitsSource(), DigitImagesSource(), MoonsSource(), XORSource(),
            SpiralsSource(), PolynomialSource(), ClassificationSource(), RegressionSource(),
            CirclesSource(samples: 1000, noise: 0.1),
            BlobsSource(samples: 1000, clusterStd: .init(values: [2]), seed: 2),
            BlobsSource(samples: 1000, clusterStd: .init(values: [4]), seed: 1),
        ]

    @Test(arguments: originals.indices, seeds)
    func tablesAsTheyAreHaveNoFault(index: Int, seed: Int) throws {
        let found = try findings(Self.originals[index], seed: seed)
        #expect(symptoms(found) == [], "\(found.map(\.evidence))")
    }

    @Test(arguments: seeds)
    func generatedDataIsFineUnscaled(seed: Int) throws {
        let sources: [any DataSource] = [
            CirclesSource(samples: 300, noise: 0.1, seed: seed), BlobsSource(samples: 300, seed: seed),
            BlobsSource(samples: 300, features: 8, centers: .count(5), seed: seed),
            MoonsSource(samples: 300, seed: seed),
            XORSource(samples: 300, seed: seed), XORSource(samples: 300, noise: 0, seed: seed),
        ]
        for source in sources {
            #expect(symptoms(try findings(source, seed: seed, scale: .none)) == [], "\(source.configuration)")
        }
    }

    @Test(.enabled(if: housing != nil, "no housing.csv beside the repository"))
    func housingIsThere() throws {
        let source = try #require(Self.housing)
        #expect(symptoms(try findings(source) { $0.data.targetScale = Scaling.none }) == [.unscaledTarget])
        #expect(symptoms(try findings(source) { $0.data.targetScale = .standard }) == [])
    }

    // MARK: Planted

    @Test(arguments: tables.indices, seeds)
    func aConstantColumnIsFound(index: Int, seed: Int) throws {
        for scale in [Scaling.standard, .none] {
            let found = try findings(Planted(Self.tables[index]) { try $0.addingConstant() }, seed: seed, scale: scale)
            let dead = try #require(found.first { $0.symptom == .deadInput && $0.severity == .warning })
            #expect(dead.location == "off")
        }
    }

    @Test(arguments: tables.indices, seeds)
    func aCopyOfTheTargetIsFound(index: Int, seed: Int) throws {
        for noise in [0, 0.01, 0.05] {
            let source = Planted(Self.tables[index]) { try $0.addingTarget(noise: noise, seed: UInt64(seed)) }
            let leak = try findings(source, seed: seed).first { $0.symptom == .leakage }
            #expect(leak?.location == "copy", "noise \(noise)")
        }
    }

    @Test(arguments: tables.indices, seeds)
    func rowsOnBothSidesOfTheSplitAreFound(index: Int, seed: Int) throws {
        // Every row twice, a tenth of them twice.
        for share in [1, 0.2] {
            let source = Planted(Self.tables[index]) { $0.repeatingRows(share: share, seed: UInt64(seed)) }
            let leaks = try findings(source, seed: seed).filter { $0.symptom == .leakage }
            #expect(leaks.contains { $0.location == "validation" || $0.location == "test" }, "\(share)")
        }
    }

    @Test(arguments: tables.indices, seeds)
    func theTrainingDataAsValidationIsFound(index: Int, seed: Int) throws {
        let source = Self.tables[index]
        let found = try findings(source, seed: seed) { $0.data.validation = source }
        #expect(found.contains { $0.symptom == .leakage && $0.location == "validation" && $0.severity == .error })
    }

    @Test(arguments: tables.indices, 1...20)
    func shuffledTargetsAreFound(index: Int, seed: Int) throws {
        let source = Planted(Self.tables[index]) { try $0.shufflingTargets(seed: UInt64(seed)) }
        #expect(symptoms(try findings(source, seed: seed)).contains(.shuffledLabels))
    }

    @Test(arguments: tables.indices, seeds)
    func rareClassesAreFound(index: Int, seed: Int) throws {
        let source = Planted(Self.tables[index]) { data in
            let classes = data.classCounts == nil ? try data.halves() : data
            let others = (classes.classCounts ?? []).dropFirst().max() ?? 0
            return classes.thinningFirstClass(to: max(2, others / 50))
        }
        let found = try findings(source, seed: seed).filter { $0.symptom == .labelImbalance }
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.remedies.map(\.name) == [BalanceClasses.name])
    }

    @Test(arguments: seeds)
    func labelsDrawnAtRandomAreFound(seed: Int) throws {
        for source in [DigitsSource(), BlobsSource(samples: 2000, clusterStd: .init(values: [0.5]), seed: seed)]
            as [any DataSource]
        {
            let noisy = Planted(source) { try $0.redrawingLabels(share: 0.25, seed: UInt64(seed)) }
            #expect(symptoms(try findings(noisy, seed: seed)) == [.labelNoise])
        }
        let noisier = Planted(DigitsSource()) { try $0.redrawingLabels(share: 0.4, seed: UInt64(seed)) }
        #expect(symptoms(try findings(noisier, seed: seed)) == [.labelNoise])
    }

    /// Where they are few, the neighbours of a sample on one ring are on the other.
    @Test(arguments: seeds) func ringsWithinRingsAreNoNoise(seed: Int) throws {
        for samples in [100, 200, 400] {
            let source = CirclesSource(samples: samples, noise: 0.02, seed: seed)
            #expect(!symptoms(try findings(source, seed: seed)).contains(.labelNoise), "\(samples)")
        }
    }

    /// What a line through points says that lie on it, and through none.
    @Test func disagreementIsExtendedToWhereAllNeighboursAgree() throws {
        // Two far groups, one label each, a sixth of the labels wrong: so often do those disagree around which all agree.
        let inputs: [Float] = (0..<60).map { Float($0 % 2 == 0 ? $0 : 1000 + $0) }
        let wrong: Set<Int> = [0, 1, 12, 13, 24, 25, 36, 37, 48, 49]
        let clean: [Int] = (0..<60).map { $0 % 2 }
        let noisy: [Int] = (0..<60).map { wrong.contains($0) ? 1 - clean[$0] : clean[$0] }
        let neighbours = Neighbours(10, of: inputs, width: 1)
        #expect(LabelNoise.line(neighbours, clean) == nil)
        let line = try #require(LabelNoise.line(neighbours, noisy))
        // The normal equations hold.
        var sum = 0.0, sumOverAgreement = 0.0
        for sample in 0..<60 {
            let same = neighbours[sample].count { noisy[$0] == clean[sample] }
            let most = same > 5 ? clean[sample] : 1 - clean[sample]
            let agreement = Double(max(same, 10 - same)) / 10
            let disagrees: Double = noisy[sample] == most ? 0 : 1
            let residual = disagrees - line.share - line.slope * (agreement - 1)
            sum += pow(agreement, 4) * residual
            sumOverAgreement += pow(agreement, 5) * residual
        }
        #expect(abs(sum) < 1e-9)
        #expect(abs(sumOverAgreement) < 1e-9)
        #expect(line.error > 0.01 && line.error < 0.2)
    }

    @Test func inputsAndTargetsThatAreFarTooLargeAreFound() throws {
        let bright = Planted(DigitsSource()) { data in
            try Dataset(name: "bright", sampleShape: [64], inputs: data.inputs.map { $0 * 255 }, targets: data.targets)
        }
        #expect(symptoms(try findings(bright, scale: .none)) == [.unscaledInput])
        #expect(symptoms(try findings(bright)) == [])
        #expect(symptoms(try findings(WineSource(), scale: .none)) == [.unscaledInput])
        #expect(symptoms(try findings(DigitsSource(), scale: .none)) == [])
        let dim = Planted(DigitsSource()) { data in
            try Dataset(name: "dim", sampleShape: [64], inputs: data.inputs.map { $0 / 1000 }, targets: data.targets)
        }
        #expect(symptoms(try findings(dim, scale: .none)) == [.unscaledInput])

        var source = RegressionSource()
        (source.samples, source.features, source.noise) = (1000, 20, 0.1)
        let unscaled = try findings(source) { $0.data.targetScale = Scaling.none }
        #expect(symptoms(unscaled) == [.unscaledTarget])
        #expect(symptoms(try findings(source) { $0.data.targetScale = .standard }) == [])
    }

    @Test func aNormalizationInFrontScalesInputsItself() throws {
        let found = try findings(WineSource(), scale: .none) {
            $0.model = [BatchNormSpecification(), LinearSpecification()]
        }
        #expect(found.filter { $0.symptom == .unscaledInput }.map(\.severity) == [.info])
    }

    /// A column that is constant because its word is rare, and places of a grid where nothing is drawn.
    @Test func placesThatAreNeverUsedAreNoFault() throws {
        #expect(!(try findings(DigitsSource())).contains { $0.symptom == .deadInput })
        #expect(!(try findings(DigitsSource(), scale: .none)).contains { $0.symptom == .deadInput })
    }

    @Test func aRepeatedColumnIsWorthKnowing() throws {
        let found = try findings(
            Planted(WineSource()) { data in
                let inputs = data.inputs
                return try data.adding("again") { inputs[$0 * 13] }
            })
        #expect(found.map(\.symptom) == [.deadInput])
        #expect(found.map(\.severity) == [.info])
        #expect(found.first?.location == "again")
    }

    /// The target is one feature, and the others are noise: that is no copy, it is the task.
    @Test(arguments: seeds)
    func aTargetThatIsOneOfManyFeaturesIsNoLeak(seed: Int) throws {
        var random = RandomStream(seed: UInt64(seed), "uniform")
        let inputs = (0..<1000 * 30).map { _ in Float(2 * random.uniform() - 1) }
        let data = try Dataset(
            name: "uniform", sampleShape: [30], inputs: inputs,
            targets: .values((0..<1000).map { inputs[$0 * 30 + 1] }, width: 1, names: ["y"]))
        #expect(symptoms(try findings(Planted(WineSource()) { _ in data }, seed: seed)) == [])
    }

    /// Rows of few values repeat themselves by chance.
    @Test(arguments: seeds)
    func rowsThatAreEqualByChanceAreNoLeak(seed: Int) throws {
        var random = RandomStream(seed: UInt64(seed), "discrete")
        for columns in [2, 5, 9] {
            let inputs = (0..<1000 * columns).map { _ in Float(Int(3 * random.uniform())) }
            let labels = (0..<1000).map { Int32(inputs[$0 * columns] > 0 ? 1 : 0) }
            let data = try Dataset(
                name: "discrete", sampleShape: [columns], inputs: inputs, targets: .classes(labels, names: ["a", "b"]))
            #expect(
                !symptoms(try findings(Planted(WineSource()) { _ in data }, seed: seed)).contains(.leakage),
                "\(columns)")
        }
    }

    /// Four rows tell nothing, whatever they look like.
    @Test func fourRowsHaveNoFault() throws {
        let found = try findings(XORSource(samples: 4), scale: .none) {
            $0.data.split.train = .share(1)
            $0.data.split.validation = .none
            $0.data.split.test = .none
        }
        #expect(symptoms(found) == [])
    }

    /// Readers refuse such a row; a store of a user's own is refused when the row is read, which the doctor does first.
    @Test func aNumberThatIsNotFiniteIsNamed() throws {
        struct Broken: SampleStore {
            let count = 60
            func read(_ row: Int, into sample: UnsafeMutableBufferPointer<Float>) {
                for column in sample.indices {
                    sample[column] = row == 4 && column == 2 ? .nan : Float(row % 7 + column)
                }
            }
        }
        let data = try Dataset(
            name: "broken", sampleShape: [4], samples: Broken(),
            targets: .classes((0..<60).map { Int32($0 % 2) }, names: ["a", "b"]))
        let prepared = try Experiment(
            data: DataSettings(source: Planted(WineSource()) { _ in data }, scale: Scaling.none)
        )
        .prepare()
        #expect { try DataPicture(prepared) } throws: {
            "\($0)".contains("broken, row 5") && "\($0)".contains("number 3")
        }
    }

    @Test func textIsLookedAtOnlyForWhatItHas() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "text-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "a.txt").path
        try String(repeating: "to be or not to be. ", count: 200).write(toFile: path, atomically: true, encoding: .utf8)
        let experiment = try Experiment.read(path)
        let picture = try DataPicture(try experiment.prepare())
        #expect(picture.models == nil && (picture.baselines?.constantLoss ?? 0) > 1)
        #expect(try Examination.dataChecks.flatMap { try $0.findings(in: picture) } == [])
    }

    @Test func whatIsLookedAtStaysAsItIs() throws {
        let experiment = Experiment(data: DataSettings(source: WineSource()))
        let prepared = try experiment.prepare()
        let (train, validation) = (prepared.data.train, prepared.data.validation)
        let first = try DataPicture(prepared), second = try DataPicture(prepared)
        #expect(prepared.data.train == train && prepared.data.validation == validation)
        #expect(first.baselines == second.baselines && first.models?.sample.rows == second.models?.sample.rows)
    }
}
