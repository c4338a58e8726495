import EspalierSpec

/// How often the trainer looks inside, and how far a repair may go: `doctor:` in a configuration, or `doctor: off`.
public struct DoctorSettings: Specification {
    /// Steps from one probe to the next; zero for none.
    public var probeEvery = 50
    /// Steps from one measurement of the loss's curvature and the gradient's noise to the next; zero for none.
    public var curvatureEvery = 0
    /// Trainings from different seeds that a repair begins and ends with.
    public var repairSeeds = 3
    /// Epochs that all trainings of a repair may take together; nothing for 120 times those of the training.
    public var repairEpochs: Int?
    /// Seconds after which a repair ends with what it has, whatever epochs are left.
    public var repairSeconds = 600.0

    public static let name = "doctor"
    public static let summary = "How often gradients, weights and updates are measured"
    public static let fields = [
        Field("probeEvery", \Self.probeEvery, "steps from one probe to the next; 0 for none", in: 0...),
        Field(
            "curvatureEvery", \Self.curvatureEvery,
            "steps from one measurement of the Hessian's eigenvalues and the gradient's noise to the next, each as long as some "
                + "hundred steps; 0 for none", in: 0...),
        Field("repairSeeds", \Self.repairSeeds, "seeds that a repair compares before and after on", in: 3...10),
        Field(
            "repairEpochs", \Self.repairEpochs,
            "epochs that all trainings of a repair take together; null for 120 times the training's", in: 1...),
        Field(
            "repairSeconds", \Self.repairSeconds, "seconds after which a repair ends with what it has", in: .positive),
    ]

    public init() {}

    public init(probeEvery: Int, curvatureEvery: Int = 0) {
        self.probeEvery = probeEvery
        self.curvatureEvery = curvatureEvery
    }

    /// No probes.
    public static var off: DoctorSettings { DoctorSettings(probeEvery: 0) }
}
