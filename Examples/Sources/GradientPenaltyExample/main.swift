// A penalty on the slope of a model: its gradient by the parameters is a derivative of a derivative.
//
// A network follows a few noisy samples of a sine. Without a penalty it also follows the noise; with the penalty
// strength * mean((df/dx)^2) in the loss it stays smooth, and closer to the sine
// (Drucker and Le Cun 1992, "Improving generalization performance using double backpropagation").
import Espalier
import Foundation

/// 16 samples of sin(3 x) on [-1, 1] with noise, and the sine itself on a grid.
var random = RandomStream(seed: 1, "noise")
let places = (0..<16).map { -1 + 2 * Double($0) / 15 }
let x = Tensor(places.map(Float.init), [16, 1])
let y = Tensor(places.map { Float(sin(3 * $0) + 0.3 * random.normal()) }, [16, 1])
let grid = Tensor((0..<200).map { -1 + 2 * Float($0) / 199 }, [200, 1])
let sine = (3 * grid).sin()

/// Trains by Adam on all samples at once; gives the errors on the noisy samples and on the sine itself.
func train(penalty strength: Double) throws -> (fit: Float, error: Float, slope: Float) {
    let network = Network(width: 32, seed: 5)
    let fit = (network(x) - y).squared().mean()
    // Each output depends on its own input alone, so the gradient of their sum holds the slope at every place. It is
    // taken on the grid: at the samples alone a network would learn steps, level at each sample.
    let slope = network(grid).sum().gradients(by: [grid])[0].squared().mean()
    let loss = fit + strength * slope
    let gradients = loss.gradients(by: network.parameters)

    let optimizer = Adam(learningRate: 0.005)
    let step = Tensor.input("step", [])
    var updates: [Computation.Update] = []
    for (parameter, gradient) in zip(network.parameters, gradients) {
        let slots = optimizer.slots.map { Tensor(Storage(count: parameter.count), parameter.shape, name: $0) }
        let next = optimizer.update(
            parameter, gradient: gradient, slots: slots, learningRate: Tensor(optimizer.learningRate), step: step)
        updates.append(.init(parameter, next.parameter))
        updates += zip(slots, next.slots).map { .init($0, $1) }
    }
    // One graph for the whole step, compiled once.
    let plan = try Engine.current.compile(Computation(inputs: [step], outputs: [fit, slope], updates: updates))
    for number in 1...2000 {
        plan.input(0).floats[0] = Float(number)
        try plan.run()
    }
    return (plan.output(0)[0], try (network(grid) - sine).squared().mean().item(), plan.output(1)[0])
}

let loose = try train(penalty: 0)
let smooth = try train(penalty: 0.01)
for (name, result) in [("without", loose), ("with", smooth)] {
    print("\(name) penalty: mean squared slope \(result.slope)")
    print("    error on the samples \(result.fit), on the sine \(result.error)")
}

if smooth.slope >= loose.slope / 2 || smooth.error >= loose.error / 2 { exit(1) }
