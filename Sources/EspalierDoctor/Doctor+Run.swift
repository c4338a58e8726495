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
        return Diagnosis(ordering: told.filter { $0.step == 0 } + findings(in: history), after: history)
    }
}
