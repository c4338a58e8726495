import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec

/// Over which values each normalisation takes mean and variance: the picture of Wu and He 2018, and numbers.
public struct NormalizationViews: LabExperiment {
    public var seed = 0

    public static let name = "normalizationViews"
    public static let summary = "The axes of batch, layer, instance and group normalisation"
    public static let lesson = """
        All four do the same to a block of values [samples, channels, places]: subtract a mean, divide by a deviation. They \
        differ in which values share these: batch normalisation joins the samples and keeps the channels apart, the others \
        keep the samples apart. Group normalisation with one group is layer normalisation, with as many groups as channels \
        instance normalisation; some lecture notes have it the wrong way round.
        """
    public static let fields = [Field("seed", \Self.seed, "of the values", in: 0...)]

    public init() {}

    private static let extents: Shape = [4, 6, 5]

    private struct View {
        var name: String
        var detail: String
        var layer: any Layer
        /// How many means there should be.
        var groups: Int
    }

    private static var views: [View] {
        let (n, c, places) = (extents[0], extents[1], extents[2])
        return [
            View(name: "batch", detail: "all samples, one channel", layer: BatchNorm(c), groups: c),
            View(name: "layer", detail: "one sample, all channels", layer: LayerNorm([c, places]), groups: n),
            View(name: "instance", detail: "one sample, one channel", layer: GroupNorm(c, c), groups: n * c),
            View(name: "group", detail: "one sample, half the channels", layer: GroupNorm(2, c), groups: n * 2),
        ]
    }

    /// The elements whose change changes the one in the corner: where its derivative by them is not zero.
    private static func shared(_ layer: any Layer, _ values: ReferenceArray) -> Set<[Int]> {
        let x = Tensor.input("x", extents)
        let corner = layer(x).slice(
            starts: [0, extents[1] - 1, extents[2] - 1], counts: [1, 1, 1])
        let slope = Reference.evaluate([corner.sum().gradients(by: [x])[0]], [x: values])[0]
        var shared: Set<[Int]> = []
        for n in 0..<extents[0] {
            for c in 0..<extents[1] {
                for place in 0..<extents[2] where abs(slope[[n, c, place]]) > 1e-12 { shared.insert([n, c, place]) }
            }
        }
        return shared
    }

    public func run(in lab: Lab) throws -> LabResult {
        let views = Self.views
        let states = try views.map { try ModelState($0.layer, seed: 0) }
        for state in states { state.mode = .training }
        var random = RandomStream(seed: UInt64(seed), "values")
        // Every sample and channel with a mean and a spread of its own, as features have.
        let values = ReferenceArray(Self.extents) { index in
            Double(index[0]) - 2 * Double(index[1]) + (1 + Double(index[1])) * random.normal()
        }
        let x = Tensor(values.values.map(Float.init), Self.extents)
        let outputs = try Engine.current.evaluate(views.map { $0.layer(x) })
        let sets = views.map { Self.shared($0.layer, values) }
        let total = Double(Self.extents.count)
        var measurements = zip(views, sets).map { view, shared in
            LabMeasurement(
                "\(view.name): means and variances", total / Double(shared.count),
                expected: Double(view.groups)...Double(view.groups))
        }
        for (view, (output, shared)) in zip(views, zip(outputs, sets)) {
            let own = shared.map { Double(output[($0[0] * Self.extents[1] + $0[1]) * Self.extents[2] + $0[2]]) }
            measurements += [
                LabMeasurement("\(view.name): |mean| of what shares them", abs(own.mean), expected: 0...1e-5),
                LabMeasurement("\(view.name): their deviation", own.deviation, expected: 0.999...1.001),
            ]
        }
        let channels = Self.extents[1]
        let pairs: [(String, any Layer, any Layer)] = [
            (
                "group with 1 group, and layer: largest difference", GroupNorm(1, channels),
                LayerNorm([channels, Self.extents[2]])
            ),
            (
                "group with a group a channel, and instance: largest difference", GroupNorm(channels, channels),
                InstanceNorm(channels)
            ),
        ]
        for (name, first, second) in pairs {
            let states = try [first, second].map { try ModelState($0, seed: 0) }
            let results = try withExtendedLifetime(states) { try Engine.current.evaluate([first(x), second(x)]) }
            let largest = zip(results[0], results[1]).map { Double(abs($0 - $1)) }.max() ?? .nan
            measurements.append(LabMeasurement(name, largest, expected: 0...1e-5))
        }
        return LabResult(
            data: "drawn: \(Self.extents[0]) samples, \(channels) channels, \(Self.extents[2]) places",
            measurements: measurements,
            figures: [
                LabFigure(
                    "What shares a mean and a variance",
                    "With the value in the dark corner all shaded ones share them; samples lie behind each other. Found by derivatives, not drawn by rule.",
                    .blocks(
                        .init(
                            extents: Self.extents.dimensions,
                            blocks: zip(views, sets).map { view, shared in
                                .init(
                                    name: view.name, detail: view.detail,
                                    shared: shared.sorted { $0.lexicographicallyPrecedes($1) })
                            })))
            ], notes: ["Exact up to rounding and to the 1e-5 that is added to each variance."])
    }
}
