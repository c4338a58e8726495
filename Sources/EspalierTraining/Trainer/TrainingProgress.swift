import EspalierNN

/// Everything that changes as a training goes, beside what lies in the model's and the optimiser's memory.
struct TrainingProgress {
    /// Steps taken so far.
    var step = 0
    /// Steps before the optimiser last began anew.
    var origin = 0
    /// The rate of the last step.
    var lastRate = 0.0

    // Of the present training.

    /// The epoch that steps belong to, from 1.
    var epoch = 1
    /// Steps of the epoch so far.
    var position = 0
    /// What the epoch's steps have summed up so far.
    var sums: ScoreSums?
    /// How smooth the losses of the epoch's steps are so far.
    var lossVariation = LossVariation()
    /// What the epoch's last measurement on validation data gave.
    var validation: Scores?
    /// How many of the epoch's steps were clipped.
    var clipped = 0
    /// How many of the training's steps were left out, and of these how many since the last that was not.
    var skipped = 0
    var skippedInARow = 0
    /// How often the training went back to an earlier state.
    var rollBackCount = 0
    /// Every completed epoch.
    var history: [EpochRecord] = []
    /// The epoch of the lowest validation loss, and the model after it.
    var best: (record: EpochRecord, state: ModelState.Snapshot)?
    /// The model at the begin of the last epoch whose first step had finite numbers; where there is no best epoch.
    var good: ModelState.Snapshot?
    /// The same of the present epoch, as long as it has yet to have such a step.
    var fresh: ModelState.Snapshot?
    /// What follows the training, one for each callback.
    var followers: [any Follower] = []
    /// Follows the validation loss, where the schedule does.
    var lossFollower: (any LossFollower)?
    /// Of the training.
    var time = Stopwatch()
    /// Of the epoch.
    var epochTime = Stopwatch()
    /// How the training ended.
    var end: End?
    /// What is gone back to, if the numbers go wrong: the begin of the last epoch that was completed, as weights may be too
    /// large for the next steps long before they are infinite; in the first epoch its own begin.
    var rollBack: TrainingSnapshot?
    /// The begin of the present epoch.
    var freshRollBack: TrainingSnapshot?

    struct End: Codable, Sendable {
        var status: TrainingResult.Status
        var message: String

        init(_ status: TrainingResult.Status, _ message: String) {
            self.status = status
            self.message = message
        }
    }

    /// Begins another training; steps go on.
    mutating func begin(_ callbacks: [any Callback], _ schedule: any Schedule) {
        var begun = TrainingProgress()
        begun.step = step
        begun.origin = origin
        begun.lastRate = lastRate
        begun.followers = callbacks.map { $0.follow() }
        begun.lossFollower = schedule.follow()
        self = begun
    }

    /// Begins the epoch after those that are completed.
    mutating func beginEpoch(_ state: ModelState) {
        epoch = history.count + 1
        position = 0
        sums = nil
        lossVariation = LossVariation()
        validation = nil
        clipped = 0
        epochTime = Stopwatch()
        // With a best epoch that is what is kept.
        fresh = best == nil ? state.snapshot() : nil
        good = best == nil ? good ?? fresh : nil
    }

    /// A step has shown that the numbers at the begin of the epoch were good.
    mutating func prove() {
        skippedInARow = 0
        good = fresh ?? good
        fresh = nil
    }
}

/// Time that goes on where an earlier process left it.
struct Stopwatch {
    /// What earlier processes took.
    private let before: Double
    private let start = ContinuousClock.now

    init(after before: Double = 0) { self.before = before }

    var seconds: Double { before + ownSeconds }
    /// What this process took.
    var ownSeconds: Double { start.duration(to: .now).seconds }
}
