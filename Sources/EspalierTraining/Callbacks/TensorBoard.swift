import EspalierSpec

/// Writes what happens in a training as TensorBoard's event files too, into `tensorboard/` of the run folder.
///
/// Losses, metrics and learning rates by step, norms of probes, the configuration, at the end a picture of the confusion
/// matrix, and, if asked for, at the end of each epoch histograms of all parameters. Every record is handed to the system as
/// it is made: TensorBoard can watch a training, and what was written survives the process.
///
/// `espalier export --format tensorboard` writes the same after a training, but for the histograms.
///
/// Source: Abadi et al. 2016, "TensorFlow: a system for large-scale machine learning", of which TensorBoard is a part.
///
/// Use it where several people or programs already watch their trainings in TensorBoard; not for a single run, whose report
/// says more.
public struct TensorBoard: Callback {
    public var histograms = false

    public static let name = "tensorBoard"
    public static let summary = "Writes event files for TensorBoard into the run folder"
    public static let fields = [
        Field("histograms", \Self.histograms, "whether the parameters' histograms are written at the end of each epoch")
    ]

    public init() {}

    public init(histograms: Bool) { self.histograms = histograms }

    public func follow() -> any Follower { Silent() }

    /// What is written is what the run records.
    private struct Silent: Follower {
        var memory = NoMemory()

    }
}
