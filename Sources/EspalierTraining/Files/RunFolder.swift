import EspalierSpec
import Foundation

/// The folder of one run, and what its files are called.
public struct RunFolder: Sendable, Hashable {
    /// Without a slash at the end.
    public let path: String

    /// The complete resolved configuration.
    public var configuration: String { path + "/config.yaml" }
    /// Everything that happened, see `EventLog`.
    public var events: String { path + "/events.jsonl" }
    /// One row an epoch, see `MetricsTable`.
    public var metrics: String { path + "/metrics.csv" }
    /// The folder of the checkpoints.
    public var checkpoints: String { path + "/checkpoints" }
    /// The best weights.
    public var bestWeights: String { path + "/best.safetensors" }
    /// What the doctor found.
    public var diagnosis: String { path + "/diagnosis.json" }
    /// What came of a repair.
    public var repair: String { path + "/repair.json" }
    /// The repaired configuration.
    public var repaired: String { path + "/repaired.yaml" }
    /// The folder of the runs that a repair compares.
    public var repairRuns: String { path + "/repair" }
    /// The runs before a repair, one a seed; that of the first seed may be the run itself.
    public var runsBefore: String { repairRuns + "/before" }
    /// The runs after it.
    public var runsAfter: String { repairRuns + "/after" }
    /// Some training samples and what augmentations make of them, see `AugmentationSheet`.
    public var augmentations: String { path + "/augmentations.json" }
    /// Where the model is most mistaken, see `MistakeSheet`.
    public var mistakes: String { path + "/mistakes.json" }
    /// How the run ended.
    public var summary: String { path + "/summary.json" }
    /// Where the time of a step goes, see `Profile`.
    public var profile: String { path + "/profile.json" }
    /// The kernels over time, see `ChromeTrace`.
    public var trace: String { path + "/trace.json" }
    /// The report.
    public var report: String { path + "/report.html" }
    /// The folder of TensorBoard's event files.
    public var tensorBoard: String { path + "/tensorboard" }

    /// Steps from one recorded step to the next: some two hundred an epoch at most.
    public static func stepInterval(stepsPerEpoch: Int) -> Int { max(1, stepsPerEpoch / 200) }

    /// Makes the next free folder `NAME-1`, `NAME-2`, … below `parent`.
    ///
    /// The folder is taken by making it, so two runs that begin at the same time get two.
    ///
    /// - Throws: `EspalierError` where `name` is no name of a folder, or the folder cannot be made.
    public static func next(named name: String, below parent: String = "runs") throws -> RunFolder {
        try checkName(name, at: "name")
        try SystemFile.makeFolders(parent)
        let taken = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        let numbers = taken.compactMap { $0.hasPrefix("\(name)-") ? Int($0.dropFirst(name.count + 1)) : nil }
        var number = (numbers.filter { 0 < $0 && $0 < Int.max / 2 }.max() ?? 0) + 1
        while true {
            let path = "\(parent)/\(name)-\(number)"
            if mkdir(path, 0o777) == 0 { return RunFolder(path: path) }
            guard errno == EEXIST else { throw SystemFile.failure(errno, "cannot make the folder", path) }
            number += 1
        }
    }

    /// Refuses a name of a run that cannot name a folder.
    static func checkName(_ name: String, at place: String) throws {
        guard !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 200,
            !name.unicodeScalars.contains(where: { $0 == "/" || $0.value < 0x20 })
        else {
            throw EspalierError(
                "\"\(name)\" cannot name a folder", at: place,
                expected: "up to 200 characters without / and control characters, not beginning with a point")
        }
    }

    /// Makes or takes the very folder at `path`, as `--out` asks.
    ///
    /// - Throws: `EspalierError` where the folder holds a run already, or a file that a run would write over, or cannot
    ///   be made.
    public static func taking(_ path: String) throws -> RunFolder {
        let folder = RunFolder(path: withoutTrailingSlash(path))
        try SystemFile.makeFolders(folder.path)
        if let file = folder.files.first(where: SystemFile.exists) {
            let name = file.dropFirst(folder.path.count + 1)
            throw EspalierError(
                file == folder.events ? "the folder already holds a run" : "the folder already holds a \(name)",
                at: path, expected: "a folder without \(name)",
                fix: file == folder.events
                    ? "another --out, or --resume \(path.shellWord) to go on with it" : "another --out")
        }
        return folder
    }

    /// The files that a run writes.
    private var files: [String] {
        [
            events, configuration, metrics, checkpoints, bestWeights, summary, diagnosis, augmentations, profile, trace,
            report, repair, repaired,
        ]
    }

    /// Takes back a run that could not begin: what it wrote, and the folder if nothing else is in it.
    func takeBack() {
        for file in files { unlink(file) }
        rmdir(checkpoints)
        rmdir(path)
    }

    /// The folder of a run that took place.
    ///
    /// - Throws: `EspalierError` where there is none at `path`.
    public static func opening(_ path: String) throws -> RunFolder {
        try existing(path, with: \.events, else: "the folder holds no run")
    }

    /// The folder of a run that is to go on, however little of it was written.
    ///
    /// - Throws: `EspalierError` where there is no configuration at `path`.
    public static func resuming(_ path: String) throws -> RunFolder {
        try existing(path, with: \.configuration, else: "the folder holds no run that could go on")
    }

    private static func existing(
        _ path: String, with file: KeyPath<RunFolder, String>, else problem: String
    ) throws -> RunFolder {
        let folder = RunFolder(path: withoutTrailingSlash(path))
        guard SystemFile.exists(folder[keyPath: file]) else {
            throw EspalierError(
                SystemFile.isFolder(path)
                    ? problem : SystemFile.exists(path) ? "it is a file" : "there is no such folder", at: path,
                expected: "the folder of a run, with its \(folder[keyPath: file].dropFirst(folder.path.count + 1))",
                fix: folder.inside(with: file).map { "did you mean \"\($0)\"?" }
                    ?? (SystemFile.exists(path) ? nil : SystemFile.meant(folder.path))
                    ?? "espalier train CONFIG makes one")
        }
        return folder
    }

    /// The first run in this folder, if it is one of runs.
    private func inside(with file: KeyPath<RunFolder, String>) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.sorted().map { "\(path)/\($0)" }.first { SystemFile.exists(RunFolder(path: $0)[keyPath: file]) }
    }

    private static func withoutTrailingSlash(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? withoutTrailingSlash(String(path.dropLast())) : path
    }
}
