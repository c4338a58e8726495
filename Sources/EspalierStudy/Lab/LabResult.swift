import EspalierSpec
import EspalierTraining

/// What an experiment came to: numbers beside those that the book states, figures as data, and what must be said of them.
public struct LabResult: Sendable, Hashable {
    /// What it was carried out on: "MNIST".
    public var data: String
    /// Whether other data stands in for the book's: expected values then do not apply.
    public var isStandIn: Bool
    public var measurements: [LabMeasurement]
    public var figures: [LabFigure]
    /// In whole sentences.
    public var notes: [String]

    public init(
        data: String, isStandIn: Bool = false, measurements: [LabMeasurement], figures: [LabFigure],
        notes: [String] = []
    ) {
        self.data = data
        self.isStandIn = isStandIn
        self.measurements = measurements
        self.figures = figures
        self.notes = notes
    }

    /// The same on the images of a training.
    init(
        _ images: LabImages, measurements: [LabMeasurement], figures: [LabFigure], notes: [String] = []
    ) {
        self.init(
            data: images.name, isStandIn: images.isStandIn, measurements: measurements, figures: figures, notes: notes)
    }

    /// Expected values hold for the book's data and settings alone; the seeds are free.
    mutating func leaveOutBands(of experiment: any LabExperiment) {
        let changed = experiment.changedSettings.filter { $0 != "seeds" && $0 != "seed" }
        if isStandIn {
            notes.insert(
                "The book's images are absent: the built-in digits stand in, and expected values do not apply. --data-root "
                    + "or ESPALIER_DATA names the folder that holds mnist/ and fashion/.", at: 0)
        }
        if !changed.isEmpty {
            notes.insert(
                "Not the book's settings (\(changed.joined(separator: ", "))): expected values do not apply.", at: 0)
        }
        guard isStandIn || !changed.isEmpty else { return }
        for index in measurements.indices { measurements[index].expected = nil }
    }
}

extension LabExperiment {
    /// The settings that are not the default.
    var changedSettings: [String] {
        let defaults = Self()
        return Self.fields.filter { $0.write(self) != $0.write(defaults) }.map(\.name)
    }
}

/// An experiment that was carried out.
public struct LabRun: Sendable {
    public var experiment: any LabExperiment
    public var result: LabResult
    public var seconds: Double

    /// What `lab.json` holds.
    public var configuration: ConfigurationValue {
        let type = type(of: experiment)
        return [
            "experiment": .string(type.name), "summary": .string(type.summary), "lesson": .string(type.lesson),
            "settings": experiment.configuration, "data": .string(result.data), "standIn": .boolean(result.isStandIn),
            "seconds": .number(seconds), "measurements": .list(result.measurements.map(\.configuration)),
            "figures": .list(result.figures.map(\.configuration)), "notes": .list(result.notes.map { .string($0) }),
        ]
    }

    /// Writes `lab.json` into `folder`, which is made where it is missing.
    ///
    /// - Throws: `EspalierError` where it cannot be written.
    public func write(to folder: String) throws {
        try SystemFile.makeFolders(folder)
        try AtomicFile.write(JSON.write(configuration, pretty: true) + "\n", to: folder + "/lab.json")
    }
}
