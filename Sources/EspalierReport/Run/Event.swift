/// One line of `events.jsonl`.
enum Event: Decodable, Sendable {
    case start(Start)
    case step(Step)
    case probe(Probe)
    case curvature(Curvature)
    case epoch(Epoch)
    case validation(Validation)
    case retrace(Retrace)
    case stop(Stop)
    case confusion(Confusion)
    case resume(Resume)
    case baselines(Baselines)
    case nonFinite(NonFinite)
    /// What the doctor found, which is read like a finding of the diagnosis.
    case finding
    /// An event that other readers of the folder are meant for.
    case other

    private enum Key: CodingKey {
        case event
    }

    init(from decoder: any Decoder) throws {
        switch try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .event) {
        case "start": self = .start(try Start(from: decoder))
        case "step": self = .step(try Step(from: decoder))
        case "probe": self = .probe(try Probe(from: decoder))
        case "curvature": self = .curvature(try Curvature(from: decoder))
        case "epoch": self = .epoch(try Epoch(from: decoder))
        case "validation": self = .validation(try Validation(from: decoder))
        case "retrace": self = .retrace(try Retrace(from: decoder))
        case "stop": self = .stop(try Stop(from: decoder))
        case "confusion": self = .confusion(try Confusion(from: decoder))
        case "resume": self = .resume(try Resume(from: decoder))
        case "baselines": self = .baselines(try Baselines(from: decoder))
        case "nonFinite": self = .nonFinite(try NonFinite(from: decoder))
        case "finding": self = .finding
        default: self = .other
        }
    }
}

extension Event {
    /// What was known before the first step.
    struct Start: Decodable, Sendable {
        var time: String?
        /// Steps taken before, where a run goes on.
        var step: Int?
        var name: String?
        var seed: UInt64?
        var threads: Int?
        var task: String?
        var classes: [String]?
        var samples: [String: Int]?
        var parameters: Int?
        var statistics: Int?
        var model: [Layer]?
        var optimizer: String?
        var schedule: Schedule?
        var loss: String?
        var batchSize: Int?
        /// As planned.
        var epochs: Int?
        var stepsPerEpoch: Int?
    }

    /// The learning rate as it was planned, at some of the steps.
    struct Schedule: Decodable, Sendable {
        var name: String
        var followsLoss: Bool?
        var steps: [Int]
        var rates: [Double]
    }

    /// One row of the model summary.
    struct Layer: Decodable, Sendable {
        var path: String
        var layer: String
        var output: [Int]?
        var parameters: Int?
        var note: String?
    }

    struct Step: Decodable, Sendable {
        var step: Int
        var time: String?
        var loss: Double?
        var learningRate: Double?
        var gradientNorm: Double?
    }

    struct Probe: Decodable, Sendable {
        var step: Int
        var parameters: [Parameter]
        var layers: [Layer]?

        struct Parameter: Decodable, Sendable {
            var path: String
            var gradientNorm: Double?
            var weightNorm: Double?
            var updateNorm: Double?
        }

        /// What a layer put out, over units, samples and places.
        struct Layer: Decodable, Sendable {
            var path: String
            var layer: String?
            var units: Int?
            var mean: Double?
            var deviation: Double?
            /// The root of the mean square of the loss's derivative by the outputs.
            var gradient: Double?
            /// Shares: of outputs beyond the activation's bend, of units that are so for every sample.
            var saturated: Double?
            var silent: Double?
            var dead: Double?
            /// Counts in bins of equal width from `low` to `high`.
            var histogram: [Int]?
            var low: Double?
            var high: Double?
            /// How far the outputs moved since the probe before, in units of their spread.
            var drift: Double?
        }
    }

    /// How the loss bends before a step, and how noisy its gradient is.
    struct Curvature: Decodable, Sendable {
        var step: Int
        var largestEigenvalue: Double?
        var smallestEigenvalue: Double?
        /// What the optimiser's rate allows for.
        var stableBelow: Double?
        /// In samples.
        var noiseScale: Double?
        /// On how many samples it was measured.
        var samples: Int?
    }

    /// What needs no network to reach; the skills are shares of the way from the best constant answer to perfection.
    struct Baselines: Decodable, Sendable {
        var majority: Double?
        var constantLoss: Double?
        var nearestNeighbours: Double?
        var linear: Double?
    }

    /// A step that had numbers which are not finite.
    struct NonFinite: Decodable, Sendable {
        var step: Int
        var cause: String?
    }

    /// The averages of an epoch, by metric.
    struct Epoch: Decodable, Sendable {
        var epoch: Int
        var step: Int
        var train: [String: Double]?
        var validation: [String: Double]?
        var learningRate: Double?
        var seconds: Double?
        /// The share of the epoch's steps whose gradient was clipped.
        var clippedShare: Double?
        /// The scatter of the losses of steps about their trend, over their mean.
        var lossVariation: Double?
    }

    /// What was measured between two steps of an epoch, by metric.
    struct Validation: Decodable, Sendable {
        var step: Int
        var validation: [String: Double]
    }

    struct Retrace: Decodable, Sendable {
        var function: String
        var reason: String
    }

    struct Stop: Decodable, Sendable {
        var step: Int?
        var epoch: Int?
        var reason: String
        var message: String?
        var time: String?
    }

    /// The run goes on from here: what was written of later steps and epochs is written again.
    struct Resume: Decodable, Sendable {
        var step: Int
        /// The first epoch that is not complete.
        var epoch: Int
    }

    /// Counts `[true class, predicted class]`.
    struct Confusion: Decodable, Sendable {
        var set: String
        var matrix: [[Int]]
    }
}
