/// A quantity that a run measures once an epoch: its name, its direction, and how it is written.
struct Metric: Hashable, Sendable {
    /// As in the run folder: `loss`, `accuracy`, `mse`.
    var key: String

    static let loss = Metric(key: "loss")

    /// As in a sentence: `accuracy`, `MSE`, `R²`.
    var name: String {
        switch key {
        case "mse", "mae", "rmse", "auc": key.uppercased()
        case "r2": "R²"
        case "f1": "F1"
        default: key
        }
    }

    var title: String { name.prefix(1).uppercased() + name.dropFirst() }

    var isShare: Bool {
        ["accuracy", "precision", "recall", "f1"].contains { key.lowercased().hasSuffix($0) }
            || key.lowercased().hasPrefix("top")
    }

    var isHigherBetter: Bool { isShare || ["r2", "auc"].contains(key.lowercased()) }

    var style: Format.Style { isShare ? .percent : .number }
}

extension RunRecord {
    /// The metrics besides the loss, the one that people ask for first at the front.
    var metrics: [Metric] {
        let known = ["accuracy", "r2", "auc", "mae", "rmse", "mse"]
        func rank(_ key: String) -> Int { known.firstIndex(of: key) ?? known.count }
        let sources = epochs.flatMap { [$0.train, $0.validation] } + [summary?.test, summary?.train]
        let keys = Set(sources.compactMap { $0?.keys }.flatMap { $0 })
        return keys.subtracting(["loss"]).sorted { (rank($0), $0) < (rank($1), $1) }.map(Metric.init)
            .filter { !repeatsLoss($0) }
    }

    // With `loss: mse` and `metrics: [mse]` the two are the same numbers, and one plot says it all.
    private func repeatsLoss(_ metric: Metric) -> Bool {
        metric.key == start?.loss
            && epochs.allSatisfy {
                $0.train?[metric.key] == $0.train?["loss"] && $0.validation?[metric.key] == $0.validation?["loss"]
            }
    }

    /// The epoch whose weights were kept: the summary's, else that of the lowest finite validation loss.
    var bestEpoch: Event.Epoch? {
        if let number = summary?.best?.epoch { return epochs.first { $0.epoch == number } }
        let candidates = epochs.filter { ($0.validation?["loss"] ?? .nan).isFinite }
        return candidates.min { ($0.validation?["loss"] ?? .nan) < ($1.validation?["loss"] ?? .nan) }
    }

    /// The norms of one layer at one probe: the parts are perpendicular, so squares add.
    func layerNorms(_ probe: Event.Probe) -> [(layer: String, gradient: Double, updateRatio: Double)] {
        var order: [String] = []
        var sums: [String: SIMD3<Double>] = [:]
        for parameter in probe.parameters {
            let layer = parameter.path.split(separator: ".").dropLast().joined(separator: ".")
            let key = layer.isEmpty ? parameter.path : layer
            if sums[key] == nil { order.append(key) }
            let norms = SIMD3(
                parameter.gradientNorm ?? .nan, parameter.updateNorm ?? .nan, parameter.weightNorm ?? .nan)
            sums[key, default: .zero] += norms * norms
        }
        return order.map { layer in
            let norms = (sums[layer] ?? .zero).squareRoot()
            return (layer, norms.x, norms.z > 0 ? norms.y / norms.z : .nan)
        }
    }
}
