import EspalierNN
import EspalierSpec

/// A training between two steps, as plain data: all that its next steps depend on, beside its settings and its data.
struct TrainingSnapshot: Sendable {
    /// The small part, in which every number is exact.
    struct Header: Codable, Sendable {
        /// What settings, model and data the training is of.
        var fingerprint: String
        var step: Int
        var origin: Int
        var position: Int
        var learningRate: Double
        var lastRate: Double
        var clipped: Int
        var skipped: Int
        var skippedInARow: Int
        var rollBackCount: Int
        var history: [EpochRecord]
        var best: EpochRecord?
        /// Loss and weight of the epoch's samples so far; nothing before its first step.
        var sums: Sums?
        var lossVariation: LossVariation?
        /// What the epoch's last measurement on validation data gave.
        var validation: Scores?
        /// By callback.
        var followers: [Memory]
        /// Of the schedule, where it follows the loss.
        var lossFollower: String?
        /// The groups of parameters that have begun to learn.
        var begun: [Int]
        var averageCount: Int
        var seconds: Double
        var epochSeconds: Double
        /// How the training ended, if it has.
        var end: TrainingProgress.End?
        /// Of what would be gone back to.
        var rollBacks: [Header] = []

        struct Sums: Codable, Sendable {
            var sum: Double
            var weight: Double
            /// How many numbers each metric notes about a sample.
            var widths: [Int]
        }

        struct Memory: Codable, Sendable {
            var name: String
            var memory: String
        }
    }

    /// Numbers that lie in memory one after the other.
    struct Buffer: Sendable {
        enum Values: Sendable {
            case floats([Float])
            case doubles([Double])
        }

        var name: String
        var values: Values

        init(_ name: String, _ values: [Float]) {
            self.name = name
            self.values = .floats(values)
        }

        init(_ name: String, _ values: [Double]) {
            self.name = name
            self.values = .doubles(values)
        }
    }

    var header: Header
    var buffers: [Buffer]

    /// The values under a name.
    func floats(_ name: String) -> [Float]? {
        for buffer in buffers where buffer.name == name {
            if case .floats(let values) = buffer.values { return values }
        }
        return nil
    }

    func doubles(_ name: String) -> [Double]? {
        for buffer in buffers where buffer.name == name {
            if case .doubles(let values) = buffer.values { return values }
        }
        return nil
    }

    /// The state of a model under two names.
    func state(_ name: String) -> ModelState.Snapshot? {
        guard let parameters = floats("\(name).parameters"), let statistics = floats("\(name).statistics") else {
            return nil
        }
        return .init(parameters: parameters, statistics: statistics)
    }

    static func buffers(_ name: String, _ state: ModelState.Snapshot?) -> [Buffer] {
        guard let state else { return [] }
        return [Buffer("\(name).parameters", state.parameters), Buffer("\(name).statistics", state.statistics)]
    }

    /// What would be gone back to: `TrainingProgress.rollBack`, then that of the present epoch.
    var rollBacks: [TrainingSnapshot] {
        get {
            header.rollBacks.enumerated().map { index, header in
                let prefix = Self.prefix(index), own = buffers.filter { $0.name.hasPrefix(prefix) }
                let renamed = own.map { $0.renamed($0.name.dropFirst(prefix.count)) }
                return TrainingSnapshot(header: header, buffers: renamed)
            }
        }
        set {
            header.rollBacks = newValue.map(\.header)
            buffers.removeAll { $0.name.hasPrefix("rollBack.") }
            for (index, snapshot) in newValue.enumerated() {
                buffers += snapshot.buffers.map { $0.renamed(Self.prefix(index) + $0.name) }
            }
        }
    }

    private static func prefix(_ index: Int) -> String { "rollBack.\(index)." }
}

extension TrainingSnapshot.Buffer {
    fileprivate func renamed(_ name: some StringProtocol) -> Self {
        var copy = self
        copy.name = String(name)
        return copy
    }
}
