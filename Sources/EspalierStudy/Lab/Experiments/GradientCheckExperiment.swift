import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec

/// Gradients by back-propagation against differences of the loss: the gradient check of "Deep Learning from Scratch".
public struct GradientCheckExperiment: LabExperiment {
    public var seed = 0
    public var samples = 5
    public var elements = 40

    public static let name = "gradientCheck"
    public static let summary = "A batch-normalised network's gradients against differences of its loss"
    public static let lesson = """
        A derivative that is written by hand, or by a program, is compared with what the loss does when a weight is moved a \
        little; where both agree to many digits it is right. A check must be able to fail: with one sample a batch \
        normalisation subtracts the sample from itself, so that all weights before it have gradients of exactly zero on \
        both sides, right or wrong. Five samples are a check, one is none.
        """
    public static let fields = [
        Field("seed", \Self.seed, "of weights and of which elements are looked at", in: 0...),
        Field("samples", \Self.samples, "images in the batch", in: 1...1000),
        Field("elements", \Self.elements, "of each parameter that are looked at", in: 1...100_000),
    ]

    public init() {}

    /// So small that hardly a unit crosses zero on the way; in double precision it can be.
    private static let step = 1e-6

    /// The book's network, as a function of its parameters: twice a product, a normalisation and a ReLU, then a product.
    private struct Network {
        let x: Tensor
        let parameters: [(name: String, tensor: Tensor)]
        let loss: Tensor

        init(_ images: [Float], _ labels: [Int32], pixels: Int, classes: Int, seed: Int) throws {
            let widths = [pixels, 100, 100, classes]
            x = Tensor(images, [labels.count, pixels])
            var parameters: [(name: String, tensor: Tensor)] = [], y = x
            func parameter(_ name: String, _ shape: Shape, _ value: Tensor) throws -> Tensor {
                let tensor = Tensor(try value.values(), shape)
                parameters.append((name, tensor))
                return tensor
            }
            for layer in 1...3 {
                let (inputs, outputs) = (widths[layer - 1], widths[layer])
                let key = RandomKey(seed: UInt64(seed), ["weight \(layer)"])
                let first = HeNormal().values([inputs, outputs], Fans(input: inputs, output: outputs), key: key)
                y = y.matmul(try parameter("W\(layer)", [inputs, outputs], first))
                y = y + (try parameter("b\(layer)", [outputs], .zeros([outputs])))
                guard layer < 3 else { break }
                let gamma = try parameter("gamma\(layer)", [outputs], .ones([outputs]))
                let beta = try parameter("beta\(layer)", [outputs], .zeros([outputs]))
                y = (y.standardized(axes: [0], eps: 1e-6) * gamma + beta).relu()
            }
            loss = y.crossEntropy(labels: Tensor(labels, [labels.count])).mean()
            self.parameters = parameters
        }

        var gradients: [Tensor] { loss.gradients(by: parameters.map(\.tensor)) }
    }

    public func run(in lab: Lab) throws -> LabResult {
        let images = try lab.images(.mnist)
        func makeNetwork(_ count: Int) throws -> Network {
            let batch = images.train[0..<min(count, images.train.count)]
            guard case .classes(let labels, _) = batch.targets else { preconditionFailure("images have classes") }
            return try Network(
                batch.inputValues(), labels, pixels: images.pixels, classes: images.classes, seed: seed)
        }
        let network = try makeNetwork(samples)
        let gradients = try Engine.current.evaluate(network.gradients)
        let loss = network.loss, leaves = network.parameters.map(\.tensor)
        let values = try Engine.current.evaluate(leaves)
        let checks = leaves.indices.flatMap { parameter -> [(parameter: Int, element: Int)] in
            var random = RandomStream(seed: UInt64(seed), "elements", parameter)
            return (0..<leaves[parameter].count).shuffled(using: &random).prefix(elements).map { (parameter, $0) }
        }
        // The loss in double precision, as the graph means it.
        let differences = try lab.map(checks) { parameter, element in
            func moved(by distance: Double) -> Double {
                var place = ReferenceArray(leaves[parameter].shape, values[parameter].map(Double.init))
                place.values[element] += distance
                return Reference.evaluate([loss], [leaves[parameter]: place])[0].values[0]
            }
            let numeric = (moved(by: Self.step) - moved(by: -Self.step)) / (2 * Self.step)
            return abs(numeric - Double(gradients[parameter][element]))
        }
        let means = leaves.indices.map { parameter in
            zip(checks, differences).filter { $0.0.parameter == parameter }.map(\.1).mean
        }
        let single = try self.single(makeNetwork(1))
        return LabResult(
            images,
            measurements: zip(network.parameters, means).map {
                LabMeasurement("mean difference, \($0.name)", $1, expected: 0...7e-7)
            } + [
                LabMeasurement(
                    "one sample: largest gradient before the last normalisation", single.before, expected: 0...1e-12),
                LabMeasurement("one sample: largest gradient of the last bias", single.last, expected: 0.01...1),
            ],
            figures: [
                LabFigure(
                    "Mean difference of gradients",
                    "By back-propagation in single precision, and by differences of the loss in double.",
                    .dots(
                        .init(
                            .init("mean absolute difference", logarithmic: true),
                            zip(network.parameters, means).map { .init($0.name, $1) })))
            ],
            notes: [
                "\(elements) elements of each parameter, drawn at random; all of them where there are no more.",
                "With one sample x - mean(x) is 0 whatever x is. So nothing before the last normalisation has a gradient: zero equals zero, and the check passes without having checked anything.",
            ])
    }

    /// The largest gradients by the first layers' weights, and by the last bias.
    private func single(_ network: Network) throws -> (before: Double, last: Double) {
        let gradients = try Engine.current.evaluate(network.gradients)
        let largest = zip(network.parameters, gradients).map { parameter, gradient in
            (parameter.name, Double(gradient.map(abs).max() ?? 0))
        }
        let before = largest.filter { ["W1", "b1", "W2", "b2"].contains($0.0) }.map(\.1).max() ?? 0
        return (before, largest[largest.count - 1].1)
    }
}
