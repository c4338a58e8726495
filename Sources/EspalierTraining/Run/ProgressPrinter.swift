import EspalierSpec
import Foundation

/// Shows a training as it goes: a bar that moves on a terminal, a line an epoch elsewhere.
public final class ProgressPrinter: TrainingListener {
    private let isTerminal: Bool
    private let write: (String) -> Void
    private var start: TrainingStart?
    private var clock = ContinuousClock.now
    private var lastShown = ContinuousClock.now
    private var bestLoss = Double.infinity
    private var firstStep = 0
    private var failure: EspalierError?

    /// - Parameters:
    ///   - isTerminal: Whether lines can be overwritten.
    ///   - write: Takes text, line ends included.
    public init(isTerminal: Bool, write: @escaping (String) -> Void) {
        self.isTerminal = isTerminal
        self.write = write
    }

    public func handle(_ event: TrainingEvent) {
        switch event {
        case .start(let start):
            self.start = start
            clock = .now
            write(LayerSummary.text(start.layers) + "\n")
            let validation = start.validationSamples > 0 ? ", \(start.validationSamples) for validation" : ""
            write(start.schedule.line + "\n")
            write(
                "\(start.trainingSamples) samples\(validation); \(start.stepsPerEpoch) steps of \(start.settings.batchSize) an epoch; \(start.threads) thread\(start.threads == 1 ? "" : "s")\n"
            )
        case .step(let step, let epoch, let stepsPerEpoch, let loss, _):
            guard isTerminal, lastShown.duration(to: .now) > .milliseconds(100) else { return }
            lastShown = .now
            // Without line breaks of the terminal's own, so that a narrow one shows one line too.
            write("\r\u{1B}[K\u{1B}[?7l" + bar(step, epoch, stepsPerEpoch, loss) + "\u{1B}[?7h")
        case .validation(let record):
            guard let validation = record.validation else { return }
            let step = Self.padded("step \(record.step)", to: 14)
            write(
                (isTerminal ? "\r\u{1B}[K" : "")
                    + "\(step)  validation \(text(validation))\(isBest(record) ? " *" : "")\n")
        case .epoch(let record):
            write((isTerminal ? "\r\u{1B}[K" : "") + line(record) + "\n")
        case .stop(let result):
            write((isTerminal ? "\r\u{1B}[K" : "") + "\(result.ending); kept \(result.kept)\n")
        case .checkpoint(let record): show(record)
        case .nonFinite(let record): show(record)
        case .resume(let record): show(record)
        case .finding(let finding): show(finding)
        case .probe, .curvature, .trace, .baselines: break
        }
    }

    /// One warning for a failure, however often it comes back.
    private func show(_ record: CheckpointRecord) {
        defer { failure = record.failure }
        guard let error = record.failure, error.what != failure?.what else { return }
        warn("no checkpoint was written after step \(record.step): \(error)")
    }

    /// What stops the training is told at its end.
    private func show(_ record: NonFiniteRecord) {
        let consequence =
            switch record.policy {
            case .stop: nil as String?
            case .skip: "skipped, \(record.count) so far"
            case .rollBack: "roll-back \(record.count): back to the beginning of an epoch, with a smaller learning rate"
            }
        guard let consequence else { return }
        warn("step \(record.step): \(record.cause); \(consequence)")
    }

    private func show(_ finding: Finding) {
        guard finding.severity > .info else { return }
        let place = finding.location.map { " (\($0))" } ?? ""
        let text = "\(finding.symptom.rawValue)\(place): \(finding.explanation)"
        write((isTerminal ? "\r\u{1B}[K" : "") + "\(finding.severity.rawValue): \(text)\n")
    }

    private func warn(_ text: String) { write((isTerminal ? "\r\u{1B}[K" : "") + "warning: \(text)\n") }

    private func show(_ record: ResumeRecord) {
        for error in record.unusable { write("not used: \(error)\n") }
        firstStep = record.step
        bestLoss = record.history.compactMap { $0.validation?.loss }.filter(\.isFinite).min() ?? .infinity
        let begin = record.unusable.isEmpty ? "no checkpoint was written yet" : "no checkpoint can be used"
        write(
            record.checkpoint.map { "resuming after step \(record.step), from \($0)\n" }
                ?? "\(begin): the training starts over\n")
    }

    private func bar(_ step: Int, _ epoch: Int, _ stepsPerEpoch: Int, _ loss: Double) -> String {
        let epochs = start?.settings.epochs ?? 1
        let within = step - (epoch - 1) * stepsPerEpoch
        let width = 24
        // A second training of the same model counts its steps on.
        let filled = min(max(width * within / max(stepsPerEpoch, 1), 0), width)
        let seconds = clock.duration(to: .now).seconds
        let rate = Double(step - firstStep) / max(seconds, 1e-9)
        let remaining = Double(epochs * stepsPerEpoch - step) / max(rate, 1e-9)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        return
            "epoch \(epoch)/\(epochs) \(bar) \(within)/\(stepsPerEpoch)  loss \(loss.short)  \(rate < 10 ? rate.short : String(Int(rate))) steps/s  \(Self.time(remaining)) left"
    }

    private func line(_ record: EpochRecord) -> String {
        let epochs = start?.settings.epochs ?? 1
        let isBest = isBest(record)
        var parts = [Self.padded("epoch \(record.epoch)/\(epochs)", to: 7 + 2 * String(epochs).count)]
        parts.append("train " + text(record.train))
        if let validation = record.validation {
            parts.append("validation " + text(validation) + (isBest ? " *" : "  "))
        }
        parts.append("\(record.seconds.short) s")
        return parts.joined(separator: "  ")
    }

    /// Whether no validation before was better.
    private func isBest(_ record: EpochRecord) -> Bool {
        guard record.validation != nil, record.monitoredLoss < bestLoss else { return false }
        bestLoss = record.monitoredLoss
        return true
    }

    /// In columns of their own below each other, whatever the numbers.
    private func text(_ scores: Scores) -> String {
        ([("loss", scores.loss)] + scores.metrics).map { "\($0.0) \(Self.padded($0.1.short, to: 7))" }
            .joined(separator: "  ")
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func time(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 359_999))
        let minutes = whole / 60 % 60, rest = whole % 60
        let tail = "\(minutes < 10 && whole >= 3600 ? "0" : "")\(minutes):\(rest < 10 ? "0" : "")\(rest)"
        return whole >= 3600 ? "\(whole / 3600):\(tail)" : tail
    }
}

extension TrainingResult {
    /// How it ended, in a sentence.
    var ending: String {
        switch status {
        case .completed: "completed: \(message)"
        case .stoppedEarly: "stopped early: \(message)"
        case .diverged: "diverged: \(message)"
        case .interrupted: message
        }
    }

    /// Which weights the model has at the end.
    var kept: String {
        if let best, let validation = best.validation {
            let isEnd = history.contains { $0.step == best.step }
            let place = isEnd ? "epoch \(best.epoch)" : "step \(best.step), in epoch \(best.epoch)"
            return "the weights of \(place) (validation loss \(validation.loss.short))"
        }
        switch status {
        case .completed, .stoppedEarly: return "the last weights"
        case .diverged: return "the weights before epoch \(history.count + 1)"
        case .interrupted: return "the weights of step \(steps)"
        }
    }
}

extension Double {
    /// Four significant digits.
    package var short: String {
        if isNaN { return "NaN" }
        guard isFinite, self != 0 else { return self == 0 ? "0" : self < 0 ? "-infinity" : "infinity" }
        let magnitude = abs(self)
        if magnitude >= 1e5 || magnitude < 1e-4 { return String(format: "%.3e", self) }
        let digits = max(0, 3 - Int(log10(magnitude).rounded(.down)))
        return String(format: "%.\(digits)f", self)
    }
}
