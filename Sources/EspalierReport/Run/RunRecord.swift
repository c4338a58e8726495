import EspalierSpec
import Foundation

/// What a training left in its run folder, read back.
///
/// A run that still goes, or that was killed, is a run: only what it has not written yet is missing here.
public struct RunRecord: Sendable {
    let folder: String
    private(set) var configuration: String?
    private(set) var summary: Summary?
    private(set) var plan: PlanRecord?
    private(set) var augmentations: AugmentationRecord?
    private(set) var mistakes: MistakeRecord?
    /// What was found in the end; nothing where nobody has looked, or not yet.
    private(set) var diagnosis: DiagnosisRecord?
    private(set) var repair: RepairRecord?
    private(set) var start: Event.Start?
    /// When the first event was written.
    private(set) var startTime: String?
    private(set) var steps: [Event.Step] = []
    private(set) var probes: [Event.Probe] = []
    private(set) var curvatures: [Event.Curvature] = []
    private(set) var epochs: [Event.Epoch] = []
    /// Those that were measured between the steps of an epoch.
    private(set) var validations: [Event.Validation] = []
    private(set) var retraces: [Event.Retrace] = []
    private(set) var stop: Event.Stop?
    private(set) var confusion: Event.Confusion?
    private(set) var baselines: Event.Baselines?
    private(set) var nonFinite: [Event.NonFinite] = []
    /// What was told as the training went.
    private(set) var told: [DiagnosisRecord.Finding] = []

    /// `summary.json`: how the run ended.
    struct Summary: Decodable, Sendable {
        var status: String?
        var epochs: Int?
        var steps: Int?
        var best: Best?
        var test: [String: Double]?
        var train: [String: Double]?
        /// By set and metric: between which bounds it lies on other such samples.
        var intervals: [String: [String: [Double]]]?
        var seconds: Double?
        var stepsPerSecond: Double?
        var parameters: Int?
        var peakBytes: Int?
        var waitingShare: Double?

        struct Best: Decodable, Sendable {
            var epoch: Int?
            var step: Int?
            var validation: [String: Double]?
        }
    }

    /// The files beside `events.jsonl` and `metrics.csv`, each written as a whole.
    enum Part: String, CaseIterable, Sendable {
        case configuration = "config.yaml", summary = "summary.json", plan = "profile.json"
        case augmentations = "augmentations.json", mistakes = "mistakes.json", diagnosis = "diagnosis.json", repair =
            "repair.json"
    }

    /// A run of which nothing has been read yet.
    init(unread folder: String) { self.folder = folder }

    /// Reads `events.jsonl`, `metrics.csv`, `summary.json`, `diagnosis.json`, `repair.json`, `augmentations.json`,
    /// `mistakes.json`, `profile.json` and `config.yaml` of a run folder.
    ///
    /// A last line that was cut off while it was written is left out.
    ///
    /// - Throws: `EspalierError` where the folder is missing or holds no run, or where a file is damaged.
    public init(folder: String) throws {
        self.folder = folder
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw EspalierError(
                "there is no folder \"\(folder)\"", expected: "the run folder of a training, such as runs/digits-mlp-1",
                fix: "give the folder that the training named at its end")
        }
        let events = try Self.contents(of: "events.jsonl", in: folder)
        let metrics = try Self.contents(of: "metrics.csv", in: folder)
        if events == nil && metrics == nil {
            throw EspalierError(
                "the folder holds no training run", at: folder, expected: "events.jsonl or metrics.csv in it",
                fix: "give the folder that the training wrote to, not its parent")
        }
        for part in Part.allCases { try read(part) }
        if let events {
            try readEvents(events, at: Self.path(of: "events.jsonl", in: folder))
        }
        if epochs.isEmpty, let metrics {
            epochs = try metricsTable(metrics, at: Self.path(of: "metrics.csv", in: folder))
        }
    }

    /// The last step that is known to have been taken.
    var lastStep: Int { max(steps.last?.step ?? 0, probes.last?.step ?? 0, epochs.last?.step ?? 0) }

    /// The run's own name, else its folder's.
    var name: String {
        start?.name ?? URL(fileURLWithPath: folder).standardizedFileURL.lastPathComponent
    }
}

extension RunRecord {
    /// Reads the part of the folder anew; what is missing is nothing.
    ///
    /// - Throws: `EspalierError` where the file cannot be read or is damaged; then what was known of it stays.
    mutating func read(_ part: Part) throws {
        let path = Self.path(of: part.rawValue, in: folder)
        let data = try Self.contents(of: part.rawValue, in: folder)
        switch part {
        case .configuration: configuration = data.map { String(decoding: $0, as: UTF8.self) }
        case .summary: summary = try data.map { try Self.decode(Summary.self, from: $0, at: path) }
        case .plan: plan = try data.map { try Self.decode(PlanRecord.self, from: $0, at: path) }
        case .augmentations:
            augmentations = try data.map { try Self.decode(AugmentationRecord.self, from: $0, at: path) }
        case .mistakes: mistakes = try data.map { try Self.decode(MistakeRecord.self, from: $0, at: path) }
        case .diagnosis:
            diagnosis = try data.map { try DiagnosisRecord(EspalierSpec.JSON.parse($0, file: path), at: path) }
        case .repair:
            repair = try data.map { try RepairRecord(EspalierSpec.JSON.parse($0, file: path), at: path) }
        }
    }

    private mutating func readEvents(_ data: Data, at path: String) throws {
        let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let decoder = ExactJSON.decoder
        for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) {
            do {
                try add(line: line, at: "\(path):\(index + 1)", with: decoder)
            } catch {
                // Lines are appended whole, so only what follows the last line break can be torn.
                if index + 1 == lines.count { return }
                throw error
            }
        }
    }

    /// Adds what a line of `events.jsonl` tells.
    ///
    /// - Throws: `EspalierError` for a line that no training writes; then nothing has changed.
    mutating func add(line: Data, at place: @autoclosure () -> String, with decoder: JSONDecoder) throws {
        let event = try Self.decode(Event.self, from: line, at: place(), with: decoder)
        try event.check(at: place())
        if case .finding = event { told.append(try Self.finding(in: line, at: place())) }
        add(event)
    }

    private mutating func add(_ event: Event) {
        switch event {
        case .start(let start):
            startTime = startTime ?? start.time
            self.start = start
            stop = nil
        case .step(let step):
            // Of hundreds of thousands of times only the last is asked for.
            if !steps.isEmpty { steps[steps.count - 1].time = nil }
            Self.append(step, to: &steps, order: \.step)
        case .probe(let probe): Self.append(probe, to: &probes, order: \.step)
        case .curvature(let curvature): Self.append(curvature, to: &curvatures, order: \.step)
        case .epoch(let epoch): Self.append(epoch, to: &epochs, order: \.epoch)
        case .validation(let record): Self.append(record, to: &validations, order: \.step)
        case .retrace(let retrace): retraces.append(retrace)
        case .stop(let stop): self.stop = stop
        case .confusion(let confusion): self.confusion = confusion
        case .resume(let resume): goBack(to: resume)
        case .baselines(let baselines): self.baselines = baselines
        case .nonFinite(let record): nonFinite.append(record)
        case .finding, .other: break
        }
    }

    // The order of its numbers and settings is part of a finding, and Foundation's decoder forgets it.
    private static func finding(in line: Data, at place: String) throws -> DiagnosisRecord.Finding {
        try DiagnosisRecord.Finding(EspalierSpec.JSON.parse(line, file: place), at: place)
    }

    private mutating func goBack(to resume: Event.Resume) {
        steps.removeAll { $0.step > resume.step }
        probes.removeAll { $0.step > resume.step }
        curvatures.removeAll { $0.step > resume.step }
        validations.removeAll { $0.step > resume.step }
        nonFinite.removeAll { $0.step > resume.step }
        told.removeAll { ($0.step ?? 0) > resume.step }
        epochs.removeAll { $0.epoch >= resume.epoch }
        // Another process traces anew.
        retraces = []
        stop = nil
        confusion = nil
    }

    // A run that was killed and resumed repeats the steps since its last checkpoint; the later ones count.
    private static func append<Record>(_ record: Record, to records: inout [Record], order: (Record) -> Int) {
        while let last = records.last, order(last) >= order(record) { records.removeLast() }
        records.append(record)
    }

    private static func path(of file: String, in folder: String) -> String {
        folder.hasSuffix("/") ? folder + file : "\(folder)/\(file)"
    }

    private static func contents(of file: String, in folder: String) throws -> Data? {
        let path = path(of: file, in: folder)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw EspalierError(
                "the file cannot be read", at: path, expected: "a file that this user may read",
                fix: "check its permissions")
        }
    }

    private static func decode<Value: Decodable>(
        _ type: Value.Type, from data: Data, at path: @autoclosure () -> String,
        with decoder: JSONDecoder = ExactJSON.decoder
    ) throws -> Value {
        do {
            return try decoder.decode(type, from: data)
        } catch let error as DecodingError {
            throw EspalierError(
                error.sentence, at: path(), expected: "JSON as the training writes it",
                fix: "restore the file, or remove it if another file of the run tells the same")
        }
    }
}

extension DecodingError {
    /// What is wrong, with the place in the value: `samples.train: …`.
    fileprivate var sentence: String {
        let (context, missing): (Context, (any CodingKey)?) =
            switch self {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                (context, nil)
            case .keyNotFound(let key, let context): (context, key)
            @unknown default: (Context(codingPath: [], debugDescription: "unreadable JSON"), nil)
            }
        if let missing { return "\"\((context.codingPath + [missing]).dotted)\" is missing" }
        let what = context.debugDescription.prefix { $0 != "\n" }.description
        let reason = what.hasSuffix(".") ? String(what.dropLast()) : what
        return context.codingPath.isEmpty ? reason : "\(context.codingPath.dotted): \(reason)"
    }
}

extension [any CodingKey] {
    fileprivate var dotted: String { map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") }
}
