import EspalierData
import EspalierGraph
import EspalierNN
import EspalierSpec
import EspalierTraining
import Foundation
import Testing

@testable import EspalierStudy

/// Every experiment of the lab, small; and those that are exact, whole.
@Suite struct LabExperimentTests {
    /// Sizes at which an experiment takes a fraction of a second.
    private static let tiny: [String: [String]] = [
        "activationHistograms": ["seeds=[0]", "samples=50"],
        "initializationComparison": ["seeds=[0]", "steps=6"],
        "optimizerComparison": ["seeds=[0]", "steps=6"],
        "batchNormalization": ["seeds=[0]", "epochs=2", "scales=2"],
        "overfitting": ["seeds=[0]", "epochs=2"], "weightDecay": ["seeds=[0]", "epochs=2"],
        "dropoutEffect": ["seeds=[0]", "epochs=2"],
        "hyperparameterSearch": ["trials=3", "epochs=2"], "gradientCheck": ["elements=1"],
        "deepSELU": ["seeds=[0]", "epochs=2", "layers=2", "images=100"],
        "selfNormalization": ["seeds=[0]", "layers=100"],
        "batchNormPlacement": ["seeds=[0]", "epochs=2", "images=100"],
        "clipping": ["seeds=[0]", "epochs=2", "images=400"],
        "transfer": ["seeds=[0]", "epochs=5", "images=1000"],
        "schedules": ["seeds=[0]", "epochs=2", "images=640"],
        "regularizers": ["seeds=[0]", "epochs=1", "alphaEpochs=1", "images=640", "draws=3"],
        "activationRanking": ["seeds=[0, 1]", "epochs=1", "images=64"],
        "lassoPath": ["strengths=4", "steps=50"],
        "biasVariance": ["draws=4", "degrees=3", "widths=[1, 2]", "steps=20"],
        "ensembleGain": ["members=2", "epochs=2"],
        "smallData": ["seeds=[0]", "sizes=[20, 40]", "epochs=2", "test=50"],
        "gradientFlow": ["seeds=[0]", "depths=[2, 3]"],
        "dyingUnits": ["seeds=[0]", "rates=[0.01, 10]", "epochs=1"],
        "learningRateCurves": ["rates=[0.01, 0.1]", "epochs=2", "images=200"],
        "earlyStopping": ["seeds=[0]", "epochs=3", "patience=1"],
        "covariateShift": ["seeds=[0]", "steps=20", "images=100"],
    ]

    private static let names = Registry<any LabExperiment>.labExperiments.names

    @Test func thereAreTwentyEight() {
        #expect(Self.names.count == 28)
        #expect(Lab.parts(of: .experiments).map(\.name) == Self.names)
        #expect(Lab.parts(of: .layers).isEmpty)
    }

    /// Runs without images, so that the digits stand in.
    @Test(arguments: names) func small(_ name: String) throws {
        let experiment = try #require(
            LabSelection(names: [name], overrides: Self.tiny[name] ?? []).experiments.first)
        let run = try Lab(workers: 2).run(experiment)
        #expect(!run.result.measurements.isEmpty && !run.result.figures.isEmpty)
        let isBooks = !run.result.isStandIn && Self.tiny[name] == nil
        #expect(run.result.measurements.contains { $0.expected != nil } == isBooks)
        #expect(run.result.notes.contains { $0.contains("the built-in digits stand in") } == run.result.isStandIn)
        for measurement in run.result.measurements where !measurement.values.isEmpty {
            #expect(measurement.values.mean.bitPattern == measurement.measured.bitPattern)
        }
        for figure in run.result.figures { #expect(!figure.title.isEmpty && figure.isDrawable, "\(figure.title)") }
        // What is written is what is read, to the last digit.
        let text = JSON.write(run.configuration, pretty: true)
        #expect(JSON.write(try JSON.parse(text), pretty: true) == text)
    }

    @Test func lessonsAreThreeSentences() {
        for entry in Registry<any LabExperiment>.labExperiments.entries {
            let lesson = (entry.type as? any LabExperiment.Type)?.lesson ?? ""
            #expect(lesson.hasSuffix(".") && lesson.matches(of: /\.( |$)/).count == 3, "\(entry.name)")
        }
    }

    /// One worker or several: the same, to the bit.
    @Test(arguments: ["overfitting", "gradientCheck", "smallData", "regularizers"])
    func workersChangeNothing(_ name: String) throws {
        let experiment = try #require(LabSelection(names: [name], overrides: Self.tiny[name] ?? []).experiments.first)
        let results = try [1, 4].map { try experiment.run(in: Lab(workers: $0)) }
        #expect(
            JSON.write(.list(results[0].measurements.map(\.configuration)))
                == JSON.write(.list(results[1].measurements.map(\.configuration))))
        #expect(results[0].figures == results[1].figures)
    }

    @Test(arguments: ["optimizerPaths", "activationHistograms", "normalizationViews"])
    func exactOnes(_ name: String) throws {
        let experiment = try #require(LabSelection(names: [name]).experiments.first)
        for measurement in try Lab().run(experiment).result.measurements {
            #expect(measurement.isInside == true, "\(measurement.name): \(measurement.measured)")
        }
    }

    /// Smaller than the book's, and still within what formulas say.
    @Test func formulasHold() throws {
        var lasso = LassoPath(), polynomials = BiasVarianceExperiment(), check = GradientCheckExperiment()
        (lasso.strengths, lasso.steps) = (6, 2500)
        (polynomials.widths, polynomials.steps) = ([1], 1)
        check.elements = 4
        for experiment in [lasso, polynomials, check] as [any LabExperiment] {
            for measurement in try experiment.run(in: Lab()).measurements where measurement.expected != nil {
                #expect(measurement.isInside == true, "\(measurement.name): \(measurement.measured)")
            }
        }
    }

    /// Of variance scale / fan_in although the ends are cut off, two deviations of the uncut one from 0.
    @Test(arguments: [1.0, 2.0]) func kerasNormalKeepsItsVariance(scale: Double) throws {
        let values = try KerasNormal(scale: scale).values(
            [400, 100], Fans(input: 100, output: 400), key: RandomKey(seed: 1, ["weight"])
        ).values().map(Double.init)
        let std = (scale / 100).squareRoot(), largest = values.map(abs).max() ?? 0
        // Of 40,000 draws the deviation is known to a quarter of a percent.
        #expect(abs(values.deviation / std - 1) < 0.01 && abs(values.mean) < 0.02 * std)
        #expect(largest <= 2.274 * std && largest > 2.2 * std)
    }

    @Test func batchNormalizationsParameters() throws {
        let state = try ModelState(BatchNormPlacement.after(pixels: 784, classes: 10), seed: 0)
        #expect(state.parameterCount + state.statisticCount == 271_346 && state.statisticCount == 2368)
        // Before the activation there are no biases in front of the normalisations.
        let before = try ModelState(BatchNormPlacement.before(pixels: 784, classes: 10), seed: 0)
        #expect(state.parameterCount - before.parameterCount == 400)
    }
}

extension LabFigure {
    /// Whether there is anything in it, and as much along one axis as along the other.
    fileprivate var isDrawable: Bool {
        switch content {
        case .lines(let lines):
            !lines.panels.isEmpty
                && lines.panels.allSatisfy { panel in
                    !panel.series.isEmpty
                        && panel.series.allSatisfy {
                            $0.x.count == $0.y.count && !$0.x.isEmpty && zip($0.x, $0.x.dropFirst()).allSatisfy(<=)
                        }
                }
        case .histograms(let histograms):
            histograms.rows.allSatisfy { row in
                row.counts.count == histograms.columns.count && row.counts.allSatisfy { $0.reduce(0, +) > 0 }
            }
        case .heatMap(let map): !map.rows.isEmpty && map.rows.allSatisfy { $0.values.count == map.columns.count }
        case .dots(let dots): !dots.rows.isEmpty
        case .plane(let plane): !plane.paths.isEmpty && plane.paths.allSatisfy { $0.x.count == $0.y.count }
        case .blocks(let blocks): !blocks.blocks.isEmpty && blocks.blocks.allSatisfy { !$0.shared.isEmpty }
        }
    }
}
