import EspalierData

extension Experiment {
    /// The same as `prepare()` on data that is divided and scaled already: for the many trainings of a study, which differ in
    /// the rows, the model or the seed.
    ///
    /// - Parameters:
    ///   - data: As `PreparedExperiment.data` has it, or rows of it.
    ///   - inputScaler: What the inputs were scaled with.
    ///   - targetScaler: What the targets were scaled with.
    /// - Throws: `EspalierError` at the layer that does not fit the data.
    /// - Precondition: The experiment is that of a `PreparedExperiment`, or a change of it: loss, metrics and model are decided.
    package func prepared(
        on data: DataSplit, inputScaler: Scaler, targetScaler: Scaler?
    ) throws -> PreparedExperiment {
        guard let loss, let metrics else { preconditionFailure("an experiment whose loss is not decided") }
        return PreparedExperiment(
            experiment: self, data: data, inputScaler: inputScaler, targetScaler: targetScaler,
            model: try makeModel(for: data.train), loss: loss, metrics: metrics)
    }
}
