import EspalierSpec
import EspalierTraining
import Foundation

/// A search as it is carried out and written down: its folder, and the trials in it.
///
/// | file | what |
/// | --- | --- |
/// | `study.sqlite` | the truth: every trial with its course, its value and what the doctor found |
/// | `config.yaml` | the whole configuration, the key `search` included |
/// | `best.yaml` | the configuration of the best trial |
/// | `study.json` | all of it for other programs, such as the report |
/// | `report.html` | the report |
/// | `locks/` | a file for each process that works on it |
public final class Study: Sendable {
    public let search: Search
    /// Without a slash at the end.
    public let folder: String
    let store: StudyStore

    public var configuration: String { folder + "/config.yaml" }
    public var best: String { folder + "/best.yaml" }
    public var summary: String { folder + "/study.json" }
    var locks: String { folder + "/locks" }

    /// Begins a study in an empty folder.
    ///
    /// - Throws: `EspalierError` where the folder holds a study already, or cannot be written to.
    public init(creating search: Search, in folder: RunFolder) throws {
        self.search = search
        self.folder = folder.path
        do {
            try AtomicFile.write(search.yaml, to: folder.configuration)
            try StudyStore.create(
                at: Self.database(in: folder.path), identity: search.identity, trials: search.settings.trials)
        } catch {
            unlink(folder.configuration)
            rmdir(folder.path)
            throw error
        }
        store = try StudyStore(opening: Self.database(in: folder.path))
    }

    /// Opens a study that is there, to show it or to go on with it, beside other processes if there are any.
    ///
    /// - Parameters:
    ///   - path: Its folder.
    ///   - search: What it has to be a study of; nothing for whatever its `config.yaml` says.
    ///   - trials: How many trials there are to be; nothing for as many as there were to be.
    ///   - catalog: The parts that names stand for.
    /// - Throws: `EspalierError` where there is none, or one of another configuration.
    public init(
        opening path: String, of search: Search? = nil, trials: Int? = nil, catalog: Catalog = .standard
    ) throws {
        folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let database = Self.database(in: folder), configuration = folder + "/config.yaml"
        guard SystemFile.exists(configuration) else {
            throw EspalierError(
                SystemFile.isFolder(folder) ? "the folder holds no study" : "there is no such folder", at: path,
                expected: "the folder of a study, with its study.sqlite", fix: "espalier search CONFIG makes one")
        }
        let search = try search ?? Search(recordedAt: configuration, catalog: catalog)
        self.search = search
        if !SystemFile.exists(database) {
            // Killed between its first two files.
            try StudyStore.create(at: database, identity: search.identity, trials: search.settings.trials)
        }
        store = try StudyStore(opening: database)
        let known = try store.identity
        guard known == search.identity else {
            throw EspalierError(
                "the study is of another configuration: \(Self.difference(known, search.identity))", at: path,
                expected: "the ranges, the sampler and the training that it was begun with",
                fix: "begin another study: leave out --resume")
        }
        if let trials { try store.set(count: trials) }
    }

    /// Makes the next free folder `NAME-1`, `NAME-2`, … below `runs`, or takes the one that is asked for.
    public static func folder(for search: Search, at path: String? = nil) throws -> RunFolder {
        guard let path else { return try RunFolder.next(named: "\(search.experiment.name)-search") }
        if SystemFile.exists(database(in: path)) {
            throw EspalierError(
                "the folder already holds a study", at: path, expected: "a folder without study.sqlite",
                fix: "another --out, or --resume \(path.shellWord) to go on with it")
        }
        return try RunFolder.taking(path)
    }

    private static func database(in folder: String) -> String { folder + "/study.sqlite" }

    /// Names the first key that differs, as deep as maps go.
    private static func difference(_ first: ConfigurationValue, _ second: ConfigurationValue, at path: String = "")
        -> String
    {
        func text(_ value: ConfigurationValue?) -> String { value.map(YAML.writeLine) ?? "nothing" }
        guard case .map(let entries) = first, case .map(let others) = second else {
            return "\(path) was \(text(first)) and is \(text(second))"
        }
        for key in entries.map(\.key) + others.map(\.key) where first[key] != second[key] {
            let below = path.isEmpty ? key : "\(path).\(key)"
            guard let known = first[key], let new = second[key] else {
                return "\(below) was \(text(first[key])) and is \(text(second[key]))"
            }
            return difference(known, new, at: below)
        }
        return "its keys have another order"
    }

    /// All trials that were begun, by number.
    public func trials() throws -> [StudyTrial] { try store.trials() }

    /// How many trials there are to be.
    public var count: Int { get throws { try store.count } }

    /// Writes `study.json` and, where a trial was completed, `best.yaml`.
    public func writeFiles() throws {
        let trials = try trials()
        try AtomicFile.write(JSON.write(try record(of: trials), pretty: true) + "\n", to: summary)
        if let best = trials.best(search.objective) {
            try AtomicFile.write(try search.experiment(at: best.coordinates).yaml, to: self.best)
        }
    }
}
