import EspalierTraining

/// One thing that can be wrong, looked for in what one of the doctor's looks sees: a pure function, in a file of its own.
///
/// A check says what it sees whether or not something else explains it: `Diagnosis(ordering:)` tells causes from what
/// follows from them.
protocol Check<Subject> {
    /// An experiment (static look), data, first measurements (pre-flight), or the course of a training.
    associatedtype Subject
    static func findings(in subject: Subject) throws -> [Finding]
}

extension Finding.Proposal {
    /// A remedy; `Remedies.changes` says later what it sets in a configuration.
    init(_ remedy: some Remedy, why: String? = nil) {
        self.init(name: type(of: remedy).name, settings: remedy.configuration, why: why ?? remedy.why)
    }
}
