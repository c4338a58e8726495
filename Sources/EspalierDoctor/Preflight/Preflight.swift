import EspalierTraining

/// What the first weights do, measured on a copy of the training that leaves it as it is.
struct Preflight {
    let prepared: PreparedExperiment

    init(_ prepared: PreparedExperiment, _ trainer: Trainer) throws {
        self.prepared = prepared
    }
}
