import EspalierData
import EspalierTraining

/// What the checks of the data look at: some rows of it, and what simple models make of them.
struct DataPicture {
    let prepared: PreparedExperiment
    /// What needs no network to reach.
    let baselines: Baselines?

    init(_ prepared: PreparedExperiment) throws {
        self.prepared = prepared
        baselines = nil
    }
}
