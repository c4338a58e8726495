import EspalierData
import EspalierGraph
import EspalierNN
import EspalierSpec
import EspalierTraining

/// Dense layers of these widths, the inputs first: between any two of them, what `hidden` makes for the width before.
///
/// ```swift
/// denseNetwork([784, 100, 100, 10], HeNormal()) { _ in [ReLU()] }
/// ```
///
/// - Parameters:
///   - widths: Inputs, hidden units, outputs.
///   - initializer: Of the weights of all layers.
///   - output: Of the last layer's, where that has another.
///   - bias: Whether hidden layers have one.
///   - hidden: What follows each hidden layer, given its width.
func denseNetwork(
    _ widths: [Int], _ initializer: any Initializer, output: (any Initializer)? = nil, bias: Bool = true,
    hidden: (Int) -> [any Layer]
) -> Sequential {
    let last = widths.count - 2
    return Sequential(
        (0...last).flatMap { index -> [any Layer] in
            let (inputs, outputs) = (widths[index], widths[index + 1])
            return index == last
                ? [Linear(inputs, outputs, initializer: output ?? initializer)]
                : [Linear(inputs, outputs, bias: bias, initializer: initializer)] + hidden(outputs)
        })
}

/// Keras's normal initialisers: N(0, scale / fan_in) without what is further than two standard deviations off.
///
/// What is left has that variance: it is drawn with a deviation as much larger as cutting takes away.
struct KerasNormal: Initializer {
    /// 1 is Keras's `lecun_normal`, 2 its `he_normal`.
    var scale = 1.0

    static let name = "kerasNormal"
    static let summary = "Truncated normal of variance scale / fan_in"
    static let fields = [Field("scale", \Self.scale, "times 1 / fan_in", in: .positive)]

    static let leCun = Self(), he = Self(scale: 2)

    init() {}
    init(scale: Double) { self.scale = scale }

    func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        let std = (scale / Double(fans.input)).squareRoot()
        // The deviation of a standard normal between -2 and 2.
        return TruncatedNormal(std: std / 0.879_625_661_034_239_8).values(shape, fans, key: key)
    }
}

/// The batches of "Deep Learning from Scratch": each drawn from all samples anew, so that one may come twice.
struct DrawnBatches {
    var size: Int
    var seed: Int

    /// The samples of a step, counted from 0.
    func rows(_ step: Int, of data: Dataset) -> [Int] {
        var random = RandomStream(seed: UInt64(seed), "batch", step)
        return (0..<size).map { _ in Int.random(in: 0..<data.count, using: &random) }
    }
}

extension LabImages {
    /// A trainer of a classifier on these images, by cross-entropy.
    func trainer(
        _ model: Sequential, _ optimizer: any Optimizer, penalty: WeightPenalty = WeightPenalty(),
        schedule: any Schedule = ConstantSchedule(), gradient: GradientSettings = GradientSettings(),
        settings: TrainingSettings = TrainingSettings(), doctor: DoctorSettings = .off
    ) throws -> Trainer {
        try Trainer(
            model, loss: CrossEntropyLoss(), metrics: [Accuracy()], optimizer: optimizer, schedule: schedule,
            penalty: penalty, gradient: gradient, settings: settings, doctor: doctor, sampleShape: [pixels])
    }
}

extension Trainer {
    /// The share of `data` that is classified rightly.
    func accuracy(on data: Dataset) throws -> Double { try evaluate(data)["accuracy"] ?? .nan }
}

/// The accuracy on both sets, as the book's trainer measures it: after the first step and then once an epoch.
struct AccuracyCourse: Sendable {
    var train: [Double] = []
    var test: [Double] = []

    /// Trains for as many epochs on batches drawn from the training images.
    init(_ trainer: Trainer, on train: Dataset, test: Dataset?, epochs: Int, batch: Int, seed: Int) throws {
        let batches = DrawnBatches(size: batch, seed: seed), stepsPerEpoch = max(train.count / batch, 1)
        for step in 0...(epochs - 1) * stepsPerEpoch {
            try trainer.step(on: batches.rows(step, of: train), of: train)
            guard step % stepsPerEpoch == 0 else { continue }
            self.train.append(try trainer.accuracy(on: train))
            if let test { self.test.append(try trainer.accuracy(on: test)) }
        }
    }
}

extension [Double] {
    var mean: Double { reduce(0, +) / Double(count) }

    /// The standard deviation; that of a population.
    var deviation: Double {
        let mean = mean
        return map { ($0 - mean) * ($0 - mean) }.mean.squareRoot()
    }

    /// The mean of each value and those within `reach` of it: what a noisy curve is read by.
    func smoothed(reach: Int) -> [Double] {
        indices.map { index in
            Array(self[Swift.max(0, index - reach)...Swift.min(count - 1, index + reach)]).mean
        }
    }
}

extension [[Double]] {
    /// The mean of all, place by place; they are equally long.
    var meanCurve: [Double] { (first ?? []).indices.map { index in map { $0[index] }.mean } }
}
