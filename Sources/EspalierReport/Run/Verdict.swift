/// How a run went, in words.
struct Verdict: Sendable {
    enum Status: String, Sendable {
        case completed, stoppedEarly, diverged, interrupted, running, unfinished

        var label: String {
            switch self {
            case .completed: "Completed"
            case .stoppedEarly: "Stopped early"
            case .diverged: "Diverged"
            case .interrupted: "Interrupted"
            case .running: "Running"
            case .unfinished: "Not finished"
            }
        }
    }

    let status: Status
    let headline: String
    /// Sentences that say what the headline rests on.
    let remarks: [String]

    /// - Parameter activity: Whether a process works on the run; nothing where nobody has looked.
    init(_ run: RunRecord, _ activity: RunActivity? = nil) {
        let ended = (run.summary?.status ?? run.stop?.reason).flatMap(Status.init(rawValue:))
        status = activity?.isRunning == true && run.summary == nil ? .running : ended ?? .unfinished
        let headline = Self.headline(run, status, isKnown: activity != nil)
        self.headline = headline.prefix(1).uppercased() + headline.dropFirst()
        remarks = [Self.reason(run, status), Self.generalization(run), Self.notFinite(run)].compactMap { $0 }
    }
}

extension Verdict {
    private static func headline(_ run: RunRecord, _ status: Status, isKnown: Bool) -> String {
        let epochs = run.summary?.epochs ?? run.epochs.last?.epoch ?? 0
        let result = result(run)
        let best = best(run, of: epochs)
        switch status {
        case .completed:
            return "\(result ?? "Completed") after \(Format.count(epochs, "epoch"))\(best)."
        case .stoppedEarly:
            return "\(result ?? "Stopped") after \(Format.count(epochs, "epoch"))\(best); stopped early."
        case .diverged:
            return "Diverged \(moment(run, epochs))."
        case .interrupted:
            return "Interrupted \(moment(run, epochs))" + (result.map { "; \($0) so far." } ?? ".")
        case .running, .unfinished:
            let progress = epochs == 0 ? "no epoch complete yet" : "\(Format.count(epochs, "epoch")) so far"
            let state =
                status == .running
                ? "Running" : isKnown ? "Ended without a summary" : "Still running, or ended without a summary"
            return "\(state): \(progress)" + (result.map { "; \($0)." } ?? ".")
        }
    }

    /// The measure that counts, on the set that counts: test, else validation at the best epoch, else train.
    private static func result(_ run: RunRecord) -> String? {
        let metric = run.metrics.first ?? .loss
        let last = run.epochs.last
        let sources: [(set: String, values: [String: Double]?)] = [
            ("test", run.summary?.test),
            ("validation", run.summary?.best?.validation ?? run.bestEpoch?.validation ?? last?.validation),
            ("training", run.summary?.train ?? last?.train),
        ]
        for source in sources {
            guard let value = source.values?[metric.key] else { continue }
            return metric.isShare
                ? "\(metric.style(value)) \(source.set) \(metric.name)"
                : "\(source.set) \(metric.name) \(metric.style(value))"
        }
        return nil
    }

    private static func best(_ run: RunRecord, of epochs: Int) -> String {
        guard epochs > 1, let best = run.summary?.best?.epoch ?? run.bestEpoch?.epoch else { return "" }
        return best == epochs ? "; best at the last one" : "; best at epoch \(Format.count(best))"
    }

    private static func moment(_ run: RunRecord, _ epochs: Int) -> String {
        let epoch = run.stop?.epoch ?? epochs
        return run.stop?.step.map { "in epoch \(Format.count(epoch)), at step \(Format.count($0))" }
            ?? "after \(Format.count(epochs, "epoch"))"
    }

    private static func reason(_ run: RunRecord, _ status: Status) -> String? {
        guard let message = run.stop?.message, !message.isEmpty, status != .completed else { return nil }
        let sentence = message.prefix(1).uppercased() + message.dropFirst()
        return sentence.hasSuffix(".") ? sentence : sentence + "."
    }

    /// What happened between the best epoch and the last, in numbers; what they mean depends on their noise.
    private static func generalization(_ run: RunRecord) -> String? {
        guard let best = run.bestEpoch, let last = run.epochs.last,
            let train = best.train?["loss"], let validation = best.validation?["loss"], train.isFinite,
            validation.isFinite
        else { return nil }
        let opening =
            "At epoch \(Format.count(best.epoch)) the loss was \(Format.number(train)) in training and "
            + "\(Format.number(validation)) in validation"
        guard last.epoch > best.epoch, let lastTrain = last.train?["loss"],
            let lastValidation = last.validation?["loss"], lastTrain < train,
            lastValidation > validation + 0.05 * abs(validation)
        else { return opening + "." }
        return opening + "; by the end training loss had fallen to \(Format.number(lastTrain)) while validation loss "
            + "had risen to \(Format.number(lastValidation))."
    }

    private static func notFinite(_ run: RunRecord) -> String? {
        let gone = run.epochs.filter { epoch in
            [epoch.train?["loss"], epoch.validation?["loss"]].contains { $0.map { !$0.isFinite } ?? false }
        }
        guard let first = gone.first else { return nil }
        return "The loss was not finite in \(Format.count(gone.count, "epoch")), first in epoch \(first.epoch)."
    }
}
