import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec

/// A thousand layers of SELU: chapter 11 of Géron's "Hands-On Machine Learning", 2nd edition.
public struct SelfNormalization: LabExperiment {
    public var seeds = [0, 1, 2]
    public var layers = 1000

    public static let name = "selfNormalization"
    public static let summary = "Mean and deviation of what 1000 SELU layers put out"
    public static let lesson = """
        SELU's two constants are chosen so that mean 0 and variance 1 are a fixed point: whatever a layer is given, it puts \
        out something nearer to it. So the values neither die nor explode through a thousand layers, with no normalisation \
        anywhere. ReLU has no such point: its deviation wanders off by chance, layer by layer.
        """
    public static let fields = [
        Field("seeds", \Self.seeds, "one draw of weights and inputs for each"),
        Field("layers", \Self.layers, "of 100 units", in: 100...100_000),
    ]

    public init() {}

    private static let width = 100, samples = 500, block = 50

    /// Mean and deviation of the units' outputs over the samples, layer by layer.
    private func course(seed: Int, _ activation: any Layer, _ initializer: any Initializer) throws -> [[Double]] {
        let shape: Shape = [Self.width, Self.width], fans = Fans(input: Self.width, output: Self.width)
        var values = try Tensor.randomNormal(
            [Self.samples, Self.width], key: RandomKey(seed: UInt64(seed), ["inputs"]).tensor
        ).values()
        var means: [Double] = [], deviations: [Double] = []
        // Blocks of one structure, so that one plan is made for all of them.
        for first in stride(from: 0, to: layers, by: Self.block) {
            var x = Tensor(values, [Self.samples, Self.width]), measures: [Tensor] = []
            for layer in first..<min(first + Self.block, layers) {
                let key = RandomKey(seed: UInt64(seed), ["weights", String(layer)])
                x = activation(x.matmul(initializer.values(shape, fans, key: key)))
                measures += [x.mean(), x.variance(axes: [0]).sqrt().mean()]
            }
            let results = try Engine.current.evaluate(measures + [x])
            for index in stride(from: 0, to: measures.count, by: 2) {
                means.append(Double(results[index][0]))
                deviations.append(Double(results[index + 1][0]))
            }
            values = results[measures.count]
        }
        return [means, deviations]
    }

    public func run(in lab: Lab) throws -> LabResult {
        let selu = try lab.map(seeds) { try course(seed: $0, SELU(), LeCunNormal()) }
        let relu = try lab.map(seeds) { try course(seed: $0, ReLU(), HeNormal()) }
        let printed = Array(stride(from: 0, to: layers, by: 100))
        func ends(_ which: ([Double]) -> Double?) -> [Double] {
            selu.map { course in which(printed.map { course[1][$0] }) ?? .nan }
        }
        return LabResult(
            data: "drawn: N(0, 1), \(Self.samples) x \(Self.width)",
            measurements: [
                LabMeasurement(
                    "least deviation of every hundredth layer", over: ends { $0.min() }, expected: 0.825...1.005),
                LabMeasurement(
                    "largest deviation of every hundredth layer", over: ends { $0.max() }, expected: 0.825...1.005),
                LabMeasurement(
                    "largest |mean| of every hundredth layer",
                    over: selu.map { course in printed.map { abs(course[0][$0]) }.max() ?? .nan }),
            ],
            figures: [
                LabFigure(
                    "Deviation by layer", "SELU with LeCun's weights, each seed: it stays near 1.",
                    .lines(
                        .init(
                            x: .init("layer"), y: .init("deviation"),
                            zip(seeds, selu).map { .init("seed \($0)", $1[1]) }))),
                LabFigure(
                    "SELU beside ReLU", "ReLU with He's weights, the first seed: nothing brings its deviation back.",
                    .lines(
                        .init(
                            x: .init("layer"), y: .init("deviation", logarithmic: true),
                            [.init("SELU", selu.first?[1] ?? []), .init("ReLU", relu.first?[1] ?? [])]))),
            ],
            notes: [
                "The mean over the seeds is compared; the book prints every hundredth layer of one draw, "
                    + "to two digits."
            ])
    }
}
