import EspalierSpec

/// How often the trainer looks inside: `doctor:` in a configuration, or `doctor: off`.
public struct DoctorSettings: Specification {
    /// Steps from one probe to the next; zero for none.
    public var probeEvery = 50

    public static let name = "doctor"
    public static let summary = "How often gradients, weights and updates are measured"
    public static let fields = [
        Field("probeEvery", \Self.probeEvery, "steps from one probe to the next; 0 for none", in: 0...)
    ]

    public init() {}

    public init(probeEvery: Int) { self.probeEvery = probeEvery }

    /// No probes.
    public static var off: DoctorSettings { DoctorSettings(probeEvery: 0) }
}
