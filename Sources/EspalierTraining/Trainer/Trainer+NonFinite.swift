import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec

/// Which numbers of a step were not finite.
enum StepFault {
    /// Loss, gradients or statistics: nothing has changed.
    case refused
    /// New values of parameters, which are stored.
    case stored
}

/// A step with numbers that are not finite.
public struct NonFiniteRecord: Sendable, Hashable {
    public var step: Int
    public var epoch: Int
    /// Which number, and the layer and the operation that it comes from, as far as that can be told.
    public var cause: String
    /// Where it comes from; nothing where that cannot be told.
    public var origin: NonFiniteOrigin?
    /// What follows.
    public var policy: NonFinitePolicy
    /// How many steps of the training were left out so far, or how often it went back.
    public var count: Int
}

// Steps whose numbers are not finite.
extension Trainer {
    /// What the guard of a step's plan says.
    func fault(of executable: Executable) -> StepFault? {
        // A search puts what it looks at behind all else.
        let count = executable.outputCount - (plans.search == nil ? 0 : 1)
        if !executable.output(count - 2)[0].isFinite { return .refused }
        return executable.output(count - 1)[0].isFinite ? nil : .stored
    }

    /// Does what the settings say about a step on `batches` that was not taken, or should not have been.
    ///
    /// - Returns: Whether the epoch begins anew.
    func handle(_ fault: StepFault, loss: Double, _ batches: [ArraySlice<Int>], of data: Dataset) throws -> Bool {
        let (cause, origin) = try cause(of: fault, loss: loss, batches, of: data)
        let place = "in step \(step), epoch \(epoch)"
        func tell(_ count: Int) throws {
            try send(
                .nonFinite(
                    NonFiniteRecord(
                        step: step, epoch: epoch, cause: cause, origin: origin, policy: settings.nonFinite, count: count
                    )))
        }
        switch settings.nonFinite {
        case .stop:
            try tell(1)
            progress.end = .init(.diverged, "\(cause), \(place)")
        case .skip where fault == .stored:
            try tell(progress.skipped)
            progress.end = .init(.diverged, "\(cause), \(place), too late to be skipped")
        case .skip:
            progress.skipped += 1
            progress.skippedInARow += 1
            try tell(progress.skipped)
            guard progress.skippedInARow >= settings.nonFiniteLimit else { return false }
            progress.end = .init(
                .diverged, "\(progress.skippedInARow) steps in a row could not be taken: \(cause), \(place)")
        case .rollBack:
            guard progress.rollBackCount < settings.nonFiniteLimit, let rollBack = progress.rollBack else {
                progress.end = .init(
                    .diverged, "after \(settings.nonFiniteLimit) roll-backs: \(cause), \(place)")
                return false
            }
            progress.rollBackCount += 1
            try tell(progress.rollBackCount)
            let (time, count) = (progress.time, progress.rollBackCount)
            try restore(rollBack)
            progress.time = time
            progress.rollBackCount = count
            // Again and again to the same place, each time with a smaller rate.
            learningRate *= settings.rollBackFactor
            progress.rollBack = rollBack
            progress.rollBack?.header.learningRate = learningRate
            return true
        }
        return false
    }

    private func cause(
        of fault: StepFault, loss: Double, _ batches: [ArraySlice<Int>], of data: Dataset
    ) throws -> (String, NonFiniteOrigin?) {
        let rule = type(of: plans.optimizer).name
        if fault == .stored {
            let path = state.parameters.firstNonFinite
            let place = path.map { "update of \($0)" } ?? "update"
            return (
                "a new value is not finite, in the \(place) by \(rule)",
                path.map { NonFiniteOrigin(.update, at: $0, "the update of \($0) by \(rule)") }
            )
        }
        // Looking for it compiles the graph anew; after some times it is known.
        let origin = progress.skipped < 3 ? try origin(of: batches, in: data) : nil
        let sum = origin?.source == .statistics ? "the sum of the statistics" : "the norm of the gradient"
        let number = loss.isFinite ? "\(sum) is not finite" : "the loss became \(loss.short)"
        return (number + (origin.map { ": \($0.description)" } ?? ""), origin)
    }

    /// The first operation of a step on `batches` whose result is not finite.
    private func origin(of batches: [ArraySlice<Int>], in data: Dataset) throws -> NonFiniteOrigin? {
        for (part, rows) in batches.enumerated() {
            let executable = try plan(.train, batch: rows.count)
            // The step was counted already.
            step -= 1
            try fillNow(executable, rows, of: data, part: part)
            step += 1
            let key =
                part == batches.count - 1
                ? RandomKey(seed: UInt64(settings.seed), step: step)
                : RandomKey(seed: UInt64(settings.seed), ["step", String(step), String(part)])
            state.setKey(key)
            let search = NonFiniteSearch(
                plans, key: .init(purpose: .train, batch: rows.count, frozen: frozen),
                inputs: [executable.input(0), executable.input(1)])
            if let origin = try search.find(rows, of: data) { return origin }
        }
        return nil
    }
}
