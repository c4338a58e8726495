import Foundation

/// How far a training is among its planned steps, and how fast it went.
struct Pace: Sendable, Hashable {
    var step: Int
    var total: Int
    /// At the pace so far; nothing where that is not known.
    var secondsLeft: Double?

    var share: Double { Double(step) / Double(total) }

    /// Nothing where no step is planned or taken.
    init?(_ run: RunRecord) {
        guard let start = run.start, let epochs = start.epochs, let steps = start.stepsPerEpoch else { return nil }
        let (total, overflow) = epochs.multipliedReportingOverflow(by: steps)
        let last = run.lastStep
        guard !overflow, total > 0, last > 0 else { return nil }
        self.total = total
        step = min(last, total)
        // A run that went on has a start of its own.
        let first = start.step ?? 0
        if let begin = start.time.flatMap(Self.seconds), let now = run.steps.last?.time.flatMap(Self.seconds),
            now > begin, last > first
        {
            secondsLeft = (now - begin) / Double(last - first) * Double(total - step)
        }
    }

    /// Seconds since 1970 of an ISO 8601 time in UTC, `2026-11-21T01:02:03.456Z`, as the events have it.
    static func seconds(_ text: String) -> Double? {
        let fields = text.utf8.split { "-T:Z".utf8.contains($0) }.map { Double(Substring($0)) }
        guard fields.count == 6, !fields.contains(nil), text.utf8.count < 40 else { return nil }
        let numbers = fields.compactMap(\.self)
        guard (1970...9999).contains(numbers[0]), (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else {
            return nil
        }
        var time = tm()
        time.tm_year = Int32(numbers[0]) - 1900
        time.tm_mon = Int32(numbers[1]) - 1
        time.tm_mday = Int32(numbers[2])
        return Double(timegm(&time)) + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
    }
}
