import EspalierSpec
import EspalierTraining

// The study for other programs: `study.json`, and a table of its trials.
extension Study {
    /// How much each parameter matters, by path; none for too few trials.
    public func importances(of trials: [StudyTrial]) -> [(path: String, value: Double)] {
        let known = trials.compactMap { trial -> (coordinates: [Double], loss: Double)? in
            guard trial.state == .completed || trial.state == .pruned, let value = trial.value else { return nil }
            return (trial.coordinates, search.objective.loss(value))
        }
        let parameters = search.settings.ranges.parameters
        return Array(zip(parameters.map(\.path), Importance.values(known, parameters.map(\.range))))
    }

    /// What `study.json` holds.
    public func record(of trials: [StudyTrial]) throws -> ConfigurationValue {
        let parameters = search.settings.ranges.parameters
        return [
            "name": .string(search.experiment.name), "metric": .string("validation_\(search.objective.name)"),
            "higherIsBetter": .boolean(search.objective.isHigherBetter),
            "sampler": search.settings.sampler.configuration, "pruner": search.settings.pruner.configuration,
            "seed": .integer(search.settings.seed), "epochs": .integer(search.experiment.training.epochs),
            "count": .integer(try count),
            "best": trials.best(search.objective).map { .integer($0.number) } ?? .null,
            "parameters": .list(
                parameters.map { ["path": .string($0.path), "range": $0.range.configuration] }),
            "importances": .map(importances(of: trials).map { .init($0.path, .number($0.value)) }),
            "trials": .list(trials.map { $0.record(parameters) }),
        ]
    }

    /// A table: one row a trial, one column a parameter.
    public func csv(of trials: [StudyTrial]) -> String {
        let paths = search.settings.ranges.parameters.map(\.path)
        let header = ["trial", "state", "value", "epochs", "seconds", "attempts"] + paths + ["findings", "message"]
        let rows = trials.map { trial -> [String] in
            let end = [trial.value.map(\.description) ?? "", "\(trial.course.last?.epoch ?? 0)"]
            let findings = trial.symptoms.joined(separator: " ")
            return ["\(trial.number)", trial.state.rawValue] + end
                + [trial.seconds.map(\.description) ?? "", "\(trial.attempts)"]
                + trial.settings.map { entry in
                    if case .string(let text) = entry.value { text } else { YAML.writeLine(entry.value) }
                } + [findings, trial.message ?? ""]
        }
        return ([header] + rows).map { $0.map(Self.field).joined(separator: ",") + "\n" }.joined()
    }

    private static func field(_ text: String) -> String {
        guard text.contains(where: { ",\"\r\n".contains($0) || $0 == "\r\n" }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension StudyTrial {
    /// What the doctor holds against it.
    public var symptoms: [String] {
        var seen: [String] = []
        for finding in diagnosis?.findings ?? []
        where finding.severity > .info && !seen.contains(finding.symptom.rawValue) {
            seen.append(finding.symptom.rawValue)
        }
        return seen
    }

    fileprivate func record(_ parameters: [SearchParameter]) -> ConfigurationValue {
        let findings = (diagnosis?.findings ?? []).map { finding -> ConfigurationValue in
            [
                "symptom": .string(finding.symptom.rawValue), "severity": .string(finding.severity.rawValue),
                "where": finding.location.map { .string($0) } ?? .null,
                "explanation": .string(finding.explanation),
            ]
        }
        // Between 0 and 1, a choice's values evenly: where a plot puts the trial.
        let places = zip(parameters, coordinates).map { parameter, coordinate -> ConfigurationValue in
            .number(parameter.range.categories.map { (coordinate + 0.5) / Double($0) } ?? coordinate)
        }
        return [
            "number": .integer(number), "state": .string(state.rawValue), "value": value.map { .number($0) } ?? .null,
            "settings": .map(settings), "places": .list(places), "seconds": seconds.map { .number($0) } ?? .null,
            "attempts": .integer(attempts), "message": message.map { .string($0) } ?? .null,
            "course": .list(course.map { [.integer($0.epoch), $0.value.map { .number($0) } ?? .null] }),
            "findings": .list(findings),
        ]
    }
}
