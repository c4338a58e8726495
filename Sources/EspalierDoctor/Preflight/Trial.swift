import EspalierData
import EspalierTraining

extension Preflight {
    /// Some steps on the same few samples: what can learn, learns these.
    struct Trial {
        /// The highest of its rates.
        let rate: Double
        /// The loss before each step, in training.
        let losses: [Double]
        /// What is known after the steps.
        let outcome: Outcome
        /// The sum of the rates until half of the way from the first to the lowest loss was done.
        let halfway: Double
        /// Weights, by path, of whose units each has another that is the same: the share of such units.
        let twins: [(path: String, share: Double)]
        /// Parameters that learn, and are after the steps what they were.
        let unchanged: [String]

        /// How many samples there were.
        let samples: Int

        static let steps = 150
        static let mostSamples = 16
        /// So many where sixteen cost too much.
        static let fewestSamples = 8
        /// The share of the loss for exchanged targets below which what is said depends on the sample.
        static let learned = 0.8

        /// So many batches are measured for running statistics before inference uses them; more where these follow slowly.
        private static let settling = 100
        private static let longestSettling = 1000

        /// The losses after the steps.
        struct Outcome {
            /// In inference.
            let loss: Double
            /// The same where each sample is given another one's target.
            ///
            /// Where these are alike, the outputs do not depend
            /// on the inputs.
            let shuffledLoss: Double
            /// In training.
            let trainingLoss: Double

            /// Whether what was learned shows in training alone.
            var isOfTrainingAlone: Bool { trainingLoss < 0.1 * shuffledLoss && loss > 0.3 * shuffledLoss }
        }

        var loss: Double { outcome.loss }
        var shuffledLoss: Double { outcome.shuffledLoss }
        var trainingLoss: Double { outcome.trainingLoss }

        /// The loss of the best constant answer, where that is known.
        let constantLoss: Double?

        /// Whether the samples are known from each other, better than before, and better than by a constant answer.
        var learns: Bool {
            guard loss.isFinite, let first = losses.first else { return false }
            return loss < Self.learned * shuffledLoss && loss < min(first, constantLoss ?? .infinity)
        }

        /// Whether the loss hardly fell.
        ///
        /// First weights may tell some samples apart by chance, and then nothing is learned.
        var isSlow: Bool { losses.first.map { !(loss < 0.8 * $0) } ?? true }

        /// Whether a number was not finite, or the loss a thousand times what it was.
        var explodes: Bool { losses.count < Self.steps }

        init(_ training: DetachedTraining, on rows: [Int], rates: [Double], plannedSteps: Int) throws {
            defer { training.begin() }
            rate = rates.max() ?? 0
            samples = rows.count
            constantLoss = try training.constantLoss(on: rows)
            var losses: [Double] = []
            for rate in rates {
                let loss = try training.step(on: rows, rate: rate)
                losses.append(loss)
                guard loss.isFinite, abs(loss) <= 1e3 * abs(losses[0]) + 1e3 else { break }
            }
            self.losses = losses
            let shifts = [1, rows.count / 3, rows.count / 2].map { Array(rows[$0...] + rows[..<$0]) }
            // The same samples several times, as running variances are a little larger the fewer samples there are.
            let often = Array(repeatElement(rows, count: 4).joined())
            func settle(_ batches: Int) throws -> Outcome {
                for _ in 0..<batches { try training.measure(often) }
                return Outcome(
                    loss: try training.loss(on: rows),
                    shuffledLoss: try shifts.reduce(0) { $0 + (try training.loss(on: rows, targetsOf: $1)) } / 3,
                    trainingLoss: try training.loss(on: rows, training: true))
            }
            let outcome = try settle(Self.settling)
            // What follows slowly may take as many batches as are planned.
            self.outcome = outcome.isOfTrainingAlone ? try settle(min(plannedSteps, Self.longestSettling)) : outcome
            let low = losses.min() ?? .nan, first = losses.first ?? .nan
            let half = losses.firstIndex { $0 < (first + low) / 2 } ?? losses.count
            halfway = rates.prefix(half + 1).reduce(0, +)
            twins = training.twins
            unchanged = training.unchanged
        }

        /// Some samples with different inputs, as many of each class as there are, or of values
        /// the first ones; nothing where there are too few, or all have the same target.
        static func rows(of data: Dataset, count: Int) throws -> [Int]? {
            let inputs = try data.inputValues(), size = data.sampleSize
            var seen: Set<ArraySlice<Float>> = []
            let different = (0..<min(data.count, 1024)).filter {
                seen.insert(inputs[$0 * size..<($0 + 1) * size]).inserted
            }
            guard different.count >= 4 else { return nil }
            switch data.targets {
            case .classes(let labels, _) where labels.count == data.count:
                var byClass: [Int32: [Int]] = [:]
                for row in different { byClass[labels[row], default: []].append(row) }
                guard byClass.count > 1 else { return nil }
                let ranked = byClass.values.flatMap { $0.enumerated().map { (turn: $0.offset, row: $0.element) } }
                return Array(ranked.sorted { ($0.turn, $0.row) < ($1.turn, $1.row) }.map(\.row).prefix(count))
            case .classes: return Array(different.prefix(count))
            case .values(let values, let width, _):
                // Typical ones: the first, unless these happen to be of one value, as most targets may be.
                let chosen = Array(different.prefix(count))
                let others = different.filter { values[$0 * width] != values[chosen[0] * width] }
                guard let other = others.first else { return nil }
                return chosen.contains(other) ? chosen : chosen.dropLast(2) + others.prefix(2)
            }
        }
    }
}

extension DetachedTraining {
    /// Of each weight that learns, the share of units whose weights another unit has, too; none for weights of one unit.
    fileprivate var twins: [(path: String, share: Double)] {
        let learning = learning
        return parameters.entries.compactMap { entry in
            guard learning.contains(entry.path), entry.shape.rank > 1, entry.shape[0] > 1,
                let values = parameters.values(entry.path)
            else { return nil }
            let count = entry.shape[0], width = values.count / count
            let rows = (0..<count).map { UnsafeBufferPointer(rebasing: values[$0 * width..<($0 + 1) * width]) }
            // Alike ones are neighbours in this order.
            let marks = rows.map { row in
                row.enumerated().reduce(0.0) { $0 + Double($1.element) * (1 + Double($1.offset % 7) / 7) }
            }
            let order = marks.indices.sorted { marks[$0] < marks[$1] }
            var alike: Set<Int> = []
            for (first, second) in zip(order, order.dropFirst()) where Self.areAlike(rows[first], rows[second]) {
                alike.formUnion([first, second])
            }
            return alike.isEmpty ? nil : (entry.path, Double(alike.count) / Double(count))
        }
    }

    /// Whether two rows differ by no more than sums in another order would make them.
    private static func areAlike(_ first: UnsafeBufferPointer<Float>, _ second: UnsafeBufferPointer<Float>) -> Bool {
        var difference = 0.0, size = 0.0
        for (a, b) in zip(first, second) {
            difference += Double(a - b) * Double(a - b)
            size += Double(a) * Double(a)
        }
        return difference <= 1e-8 * size
    }

    /// The parameters that learn and still have their first values.
    fileprivate var unchanged: [String] {
        let learning = learning
        return parameters.entries.filter { entry in
            guard learning.contains(entry.path), let now = parameters.values(entry.path) else { return false }
            return now.elementsEqual(first(entry))
        }.map(\.path)
    }
}
