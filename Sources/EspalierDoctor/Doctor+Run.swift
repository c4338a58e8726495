import EspalierTraining

// The diagnosis of a run from its folder alone, with no data at hand.
extension Doctor {
    /// What was wrong with a run that took place, however it ended: completed, killed or crashed.
    ///
    /// What was found before its first step is in its events; its course is looked at anew.
    ///
    /// - Throws: `EspalierError` where the events cannot be read.
    public static func diagnosis(of run: RunFolder) throws -> Diagnosis {
        let (history, told) = try History.read(run)
        // Without a configuration that can be read the remedies are named all the same.
        let experiment = try? Experiment.read(run.configuration)
        let before = told.filter { $0.step == 0 }
        return Diagnosis(ordering: before + findings(in: history, of: experiment), after: history)
    }
}
