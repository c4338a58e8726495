/// What lies along a plot: mostly training time, in epochs, steps lying between them; in steps while no epoch is complete.
struct TimeAxis: Sendable {
    let unit: String
    let start: Double
    /// Where the run ends.
    private(set) var end: Double
    /// Whether it is logarithmic, and whether it is marked at whole numbers alone.
    var kind = Scale.Kind.linear
    var marksWhole = true
    private let anchors: [(step: Double, epoch: Double)]

    init(_ run: RunRecord) {
        var anchors = [(step: 0.0, epoch: 0.0)]
        for epoch in run.epochs where Double(epoch.step) > anchors[anchors.count - 1].step {
            anchors.append((Double(epoch.step), Double(epoch.epoch)))
        }
        self.anchors = anchors
        unit = run.epochs.isEmpty ? "step" : "epoch"
        start = 0
        let lastStep = max(run.steps.last?.step ?? 0, run.probes.last?.step ?? 0)
        let end = max(Double(run.epochs.last?.epoch ?? 0), Self.position(Double(lastStep), anchors))
        self.end = end > 0 ? end : 1
    }

    /// Counts steps, up to `steps`.
    init(steps: Int, from first: Int = 0) {
        anchors = []
        unit = "step"
        start = Double(min(first, steps))
        end = Double(max(steps, min(first, steps) + 1))
    }

    /// Counts in `unit`, from `start` to `end`.
    init(unit: String, from start: Double = 0, end: Double) {
        anchors = []
        self.unit = unit
        self.start = start
        self.end = end
    }

    /// Counts layers instead, from the first to the last.
    init(layers: Int) {
        anchors = []
        unit = "layer"
        start = 1
        end = Double(max(layers, 2))
    }

    /// The same up to the next round value, as long as the run goes.
    var rounded: TimeAxis {
        var axis = self
        axis.end = unit == "epoch" ? end.rounded(.up) : Scale.roundedOutward(end, up: true)
        return axis
    }

    /// Steps and the epochs that they are, as JSON.
    func anchors(atMost limit: Int) -> String {
        let shown = thinned(anchors.count, to: limit).map { anchors[$0] }
        guard unit == "epoch", shown.count > 1 else { return "{}" }
        return "{\"step\":\(JSON.array(shown.map { JSON.exact($0.step) })),"
            + "\"epoch\":\(JSON.array(shown.map { JSON.exact($0.epoch) }))}"
    }

    /// Any other quantity, with round numbers at its ends.
    init(_ name: String, over values: [Double], logarithmic: Bool) {
        anchors = []
        unit = name
        let finite = values.filter { $0.isFinite && (!logarithmic || $0 > 0) }
        let low = finite.min() ?? 1, high = finite.max() ?? 2
        kind = logarithmic ? .logarithmic : .linear
        marksWhole = finite.allSatisfy { $0 == $0.rounded() }
        if logarithmic {
            start = Scale.roundedOutward(low)
            end = max(Scale.roundedOutward(high, up: true), start * 2)
        } else if marksWhole, low < high {
            // Counts begin and end with the first and the last.
            (start, end) = (low, high)
        } else {
            let domain = Scale.fitting([low, high], allowsLogarithm: false).domain
            (start, end) = (domain.lowerBound, domain.upperBound)
        }
    }

    func position(step: Int) -> Double { Self.position(Double(step), anchors) }

    private static func position(_ step: Double, _ anchors: [(step: Double, epoch: Double)]) -> Double {
        guard anchors.count > 1 else { return step }
        var low = 1, high = anchors.count - 1
        while low < high {
            let middle = (low + high) / 2
            if anchors[middle].step < step { low = middle + 1 } else { high = middle }
        }
        let (before, after) = (anchors[low - 1], anchors[low])
        return before.epoch + (step - before.step) / (after.step - before.step) * (after.epoch - before.epoch)
    }
}
