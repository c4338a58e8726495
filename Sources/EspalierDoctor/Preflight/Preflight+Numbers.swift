import EspalierSpec
import EspalierTraining

extension Preflight {
    /// What was measured, for programs.
    var configuration: ConfigurationValue {
        [
            "steps": .integer(steps), "peakRate": .number(peakRate), "start": start?.configuration ?? .null,
            "gradientQuotients": .map((gradientCheck?.quotients ?? []).map { .init($0.path, .number($0.quotient)) }),
            "trials": .list(trials.map(\.configuration)), "range": range?.configuration ?? .null,
        ]
    }
}

extension Preflight.Start {
    fileprivate var configuration: ConfigurationValue {
        [
            "loss": .number(loss), "constantLoss": constantLoss.map { .number($0) } ?? .null,
            "gradientNorm": .number(gradientNorm), "fault": fault.map { .string($0) } ?? .null,
            "layers": .list(
                probe.layers.map { layer in
                    [
                        "path": .string(layer.path), "mean": .number(layer.mean),
                        "deviation": .number(layer.deviation), "unitDeviation": .number(layer.unitDeviation),
                        "gradient": .number(layer.gradient),
                        "saturated": layer.saturated.map { .number($0) } ?? .null,
                        "silent": layer.silent.map { .number($0) } ?? .null,
                    ]
                }),
        ]
    }
}

extension Preflight.Trial {
    fileprivate var configuration: ConfigurationValue {
        [
            "rate": .number(rate), "steps": .integer(losses.count),
            "firstLoss": losses.first.map { .number($0) } ?? .null,
            "lowestLoss": losses.filter(\.isFinite).min().map { .number($0) } ?? .null,
            "loss": .number(loss), "shuffledLoss": .number(shuffledLoss), "trainingLoss": .number(trainingLoss),
            "halfway": .number(halfway), "unchanged": .list(unchanged.map { .string($0) }),
            "twins": .map(twins.map { .init($0.path, .number($0.share)) }),
        ]
    }
}
