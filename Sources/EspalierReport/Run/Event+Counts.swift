import EspalierSpec

// Numbers that nothing can have counted are refused as they are read: the page adds them up and draws along them.
extension Event {
    /// Far more than any training has of anything, and so little that sums over millions stay whole numbers.
    static let counts = 0...1 << 40

    /// - Throws: `EspalierError` for a count that is negative or absurd, and for a plan whose steps do not rise.
    func check(at place: @autoclosure () -> String) throws {
        for (name, count) in counted where !Self.counts.contains(count) {
            throw EspalierError(
                "\(name) is \(count)", at: place(), expected: "a count from 0 to \(Self.counts.upperBound)",
                fix: "restore the file")
        }
        if case .start(let start) = self, let steps = start.schedule?.steps, !steps.isRising {
            throw EspalierError(
                "the steps of schedule do not rise", at: place(), expected: "steps in their order",
                fix: "restore the file")
        }
    }

    /// What the event counts, and how that is called.
    private var counted: [(name: String, count: Int)] {
        switch self {
        case .start(let start):
            (start.model ?? []).compactMap { layer in layer.parameters.map { ("model.parameters", $0) } }
                + (start.schedule?.steps ?? []).map { ("schedule.steps", $0) }
                + [
                    ("parameters", start.parameters ?? 0), ("statistics", start.statistics ?? 0),
                    ("step", start.step ?? 0), ("epochs", start.epochs ?? 0),
                    ("stepsPerEpoch", start.stepsPerEpoch ?? 0),
                ]
        case .step(let step): [("step", step.step)]
        case .validation(let record): [("step", record.step)]
        case .probe(let probe):
            [("step", probe.step)]
                + (probe.layers ?? []).flatMap { layer in
                    [("layers.units", layer.units ?? 0)] + (layer.histogram ?? []).map { ("layers.histogram", $0) }
                }
        case .curvature(let curvature): [("step", curvature.step), ("samples", curvature.samples ?? 0)]
        case .nonFinite(let record): [("step", record.step)]
        case .epoch(let epoch): [("epoch", epoch.epoch), ("step", epoch.step)]
        // A matrix that is none is not shown.
        case .confusion, .retrace, .stop, .resume, .baselines, .finding, .other: []
        }
    }
}

extension [Int] {
    fileprivate var isRising: Bool { zip(self, dropFirst()).allSatisfy { $0 < $1 } }
}
