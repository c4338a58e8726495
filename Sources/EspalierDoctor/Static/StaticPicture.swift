import EspalierData
import EspalierNN
import EspalierTraining

/// What the checks of a configuration have in common: the model as parts, what it ends with, and the targets.
struct StaticPicture {
    let experiment: Experiment
    let loss: any Loss
    let sketch: ModelSketch
    /// Nothing where it is not known what can leave the model.
    let head: OutputHead?
    let targets: Targets
    let trainingSamples: Int

    /// What a model is to say, as it is after scaling.
    enum Targets {
        case classes(Int)
        /// Of each column some values.
        case values([[Double]])
    }

    /// So many target values of a column are looked at, spread over the rows.
    private static let rows = 1 << 14

    init(_ prepared: PreparedExperiment) {
        experiment = prepared.experiment
        loss = prepared.loss
        sketch = ModelSketch(prepared.model, sampleShape: prepared.data.train.sampleShape)
        head = OutputHead(sketch)
        trainingSamples = prepared.data.train.count
        switch prepared.data.train.targets {
        case .classes(_, let names): targets = .classes(names.count)
        case .values(let values, let width, _):
            let count = values.count / max(1, width), step = max(1, count / Self.rows)
            targets = .values(
                (0..<width).map { column in
                    stride(from: 0, to: count, by: step).map { Double(values[$0 * width + column]) }
                })
        }
    }

    /// Steps of the whole training.
    var steps: Int {
        let settings = experiment.training
        let batches =
            settings.dropLast
            ? max(1, trainingSamples / settings.batchSize)
            : (trainingSamples + settings.batchSize - 1) / settings.batchSize
        return max(1, batches / experiment.gradient.accumulate) * settings.epochs
    }
}
