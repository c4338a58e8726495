import EspalierGraph
import EspalierNN

/// The averages of a training's weights, and whether there are any yet.
final class WeightAverage {
    let averaging: Averaging
    /// As many as the parameters; those of an exponential average are changed by the step itself.
    let values: Storage
    /// How many weights the average is of.
    var count = 0

    init(_ averaging: Averaging, _ plans: StepPlans) {
        self.averaging = averaging
        let parameters = plans.state.parameters.storage.count
        values = plans.average?.leaf?.storage ?? Storage(count: averaging == .none ? 0 : parameters)
    }

    /// Begins a training: an average over epochs anew; one over steps goes on, as steps do.
    func begin() {
        if averaging.stochastic != nil { count = 0 }
    }

    /// Forgets all that was averaged, and begins with these parameters.
    func restart(with parameters: FlatBuffer) {
        count = 0
        if averaging != .none { _ = values.floats.update(fromContentsOf: parameters.storage.floats) }
    }

    /// A step is about to be taken: the average of steps begins with all parameters, as some may not change for long.
    func stepBegins(_ parameters: FlatBuffer) {
        if averaging.exponential != nil, count == 0 { restart(with: parameters) }
    }

    /// A step was taken.
    func stepEnded() {
        if averaging.exponential != nil { count += 1 }
    }

    /// An epoch has ended with these parameters: a <- a + (w - a) / (n + 1) where it is to be taken in.
    func epochEnded(_ epoch: Int, of epochs: Int, _ parameters: FlatBuffer) {
        guard let stochastic = averaging.stochastic, stochastic.takes(epoch, of: epochs) else { return }
        count += 1
        let share = 1 / Float(count), w = parameters.storage.floats
        for index in w.indices { values.floats[index] += share * (w[index] - values.floats[index]) }
    }

    /// Whether running statistics have to be measured for the averaged weights.
    var refreshes: Bool { averaging.stochastic != nil || averaging.exponential?.refresh == true }

    /// Writes the average over the parameters.
    func write(to parameters: FlatBuffer) {
        _ = parameters.storage.floats.update(fromContentsOf: values.floats)
    }
}
