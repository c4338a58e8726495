import EspalierSpec
import EspalierTraining

// The study for people.
extension Study {
    /// What is searched, in a line.
    public func summaryLine(of count: Int) -> String {
        let settings = search.settings
        return "\(count) trials by \(type(of: settings.sampler.sampler).name), pruner "
            + "\(type(of: settings.pruner.pruner).name), \(settings.ranges.parameters.count) settings, "
            + "\(search.objective.isHigherBetter ? "highest" : "lowest") validation \(search.objective.name)"
    }

    /// How it stands: states, the best trials, importances.
    public func text(of trials: [StudyTrial]) throws -> String {
        let objective = search.objective
        let states = StudyTrial.State.allCases.map { state in (state, trials.count { $0.state == state }) }
        let count = try self.count
        var lines = [
            "\(count) trials: " + states.filter { $0.1 > 0 }.map { "\($0.1) \($0.0.rawValue)" }.joined(separator: ", ")
        ]
        let best = trials.filter { $0.state == .completed }.sorted {
            ObservedTrial.isBetter($0.observed(objective), than: $1.observed(objective))
        }
        if !best.isEmpty { lines.append("the best:") }
        for trial in best.prefix(5) { lines.append("  \(trial.line(objective))") }
        let importances = importances(of: trials).sorted { $0.value > $1.value }
        if !importances.isEmpty {
            let values = importances.map { "\($0.path) \(Int(($0.value * 100).rounded())) %" }
            lines.append("what matters: \(values.joined(separator: ", "))")
        }
        if let best = best.first {
            lines.append("best configuration, trial \(best.number): \(self.best)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Study.Progress {
    /// In a line: the trial and how it stands beside the best.
    public func line(_ objective: Objective) -> String {
        let standing = best.map { $0.number == trial.number ? " (best)" : " (best \(objective.text($0.value)))" } ?? ""
        return "[\(ended)/\(count)] \(trial.line(objective))\(standing)"
    }
}

extension StudyTrial {
    /// In a line: the trial's value, its settings, and what is wrong with it.
    func line(_ objective: Objective) -> String {
        let settings = settings.map { entry in
            let value = if case .number(let number) = entry.value { number.short } else { YAML.writeLine(entry.value) }
            return "\(entry.key) \(value)"
        }
        let end =
            switch state {
            case .completed: objective.text(value)
            case .pruned: "\(objective.text(value)), \(message ?? "pruned")"
            case .failed: "failed: \((message ?? "").split(separator: "\n").first ?? "")"
            case .running, .waiting: state.rawValue
            }
        let findings = symptoms.isEmpty ? "" : " [\(symptoms.joined(separator: ", "))]"
        return "trial \(number): \(end); \(settings.joined(separator: ", "))\(findings)"
    }
}

extension Objective {
    /// `accuracy 0.9630`.
    public func text(_ value: Double?) -> String { "\(name) \(value?.short ?? "unknown")" }
}
