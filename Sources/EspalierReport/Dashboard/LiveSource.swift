import EspalierSpec
import Foundation

/// A live page with what it shows, made anew when it is asked for and something has changed.
protocol LiveSource: Actor {
    /// Reads what is new.
    ///
    /// - Returns: What the page shows now; nothing where that is what it showed before.
    func parts() -> [Fragments.Part]?
    /// Whether there is more to read at once.
    var isReading: Bool { get }
    var state: LiveState { get set }
}

/// What a live page showed last, and when it may be made again.
struct LiveState: Sendable {
    var fragments = Fragments()
    var due = ContinuousClock.now
    /// How long it took to make the page last.
    var cost = Duration.zero

    /// Other processes count their versions by themselves.
    let token = String(UInt32.random(in: 1...UInt32.max), radix: 36)

    /// Where a browser stands: `1x3k9a-17`.
    var version: String { "\(token)-\(fragments.version)" }

    /// How long a page stays as it is at least: ten times as long as it takes to make, so that a training keeps the
    /// processor, between half a second and three.
    var rest: Duration { min(max(.milliseconds(500), cost * 10), .seconds(3)) }
}

extension LiveSource {
    /// Makes the page anew where it is time to.
    func refresh() {
        let start = ContinuousClock.now
        guard start >= state.due else { return }
        if let parts = parts() {
            state.fragments.update(parts)
            state.cost = start.duration(to: .now)
        }
        state.due = isReading ? .now : .now + state.rest
    }

    /// The page as it is now.
    func whole() -> (html: String, version: String) {
        refresh()
        return (state.fragments.html, state.version)
    }

    /// What a browser lacks that stands at `version`, as server-sent events; nothing where it lacks nothing.
    func changes(since version: String) -> (events: String, version: String)? {
        refresh()
        let parts = version.split(separator: "-")
        let seen = parts.count == 2 && parts[0] == state.token ? Int(parts[1]) ?? -1 : -1
        switch state.fragments.changes(since: seen) {
        case .none: return nil
        case .whole(let html): return (serverSentEvent("whole", html, id: state.version), state.version)
        case .slots(let slots):
            let events = slots.enumerated().map { index, slot in
                serverSentEvent(
                    "slot", slot.name + "\n" + slot.html, id: index + 1 == slots.count ? state.version : nil)
            }
            return (events.joined(), state.version)
        }
    }
}

/// The page of one run.
actor RunSource: LiveSource {
    var state = LiveState()
    private var run: LiveRun

    init(folder: String) { run = LiveRun(folder: folder, detail: .everything) }

    var name: String { run.record.name }
    var isReading: Bool { !run.isComplete }

    func parts() -> [Fragments.Part]? {
        // What is read at once is bounded, so that a page with hundreds of thousands of events shows soon.
        run.refresh(for: .milliseconds(400)) ? RunPage(run).parts : nil
    }
}

/// The page of all runs.
actor ListSource: LiveSource {
    var state = LiveState()
    private let shelf: RunShelf
    private var runs: [String: LiveRun] = [:]
    private var order: [String] = []
    private var isFirst = true
    var isReading: Bool { runs.values.contains { !$0.isComplete } }

    /// So many runs are shown, the latest.
    static let limit = 100

    init(_ shelf: RunShelf) { self.shelf = shelf }

    func parts() -> [Fragments.Part]? {
        let found = shelf.runs()
        let latest = found.map { (folder: $0, time: Self.modified($0)) }.sorted {
            ($1.time, $0.folder) < ($0.time, $1.folder)
        }
        let shown = latest.prefix(Self.limit).map(\.folder)
        runs = runs.filter { shown.contains($0.key) }
        var hasChanged = isFirst
        isFirst = false
        // What there is no time for now is read the next time.
        let end = ContinuousClock.now + .milliseconds(400)
        for folder in shown {
            var run = runs[folder] ?? LiveRun(folder: folder, detail: .course)
            hasChanged = run.refresh(for: max(.zero, ContinuousClock.now.duration(to: end))) || hasChanged
            runs[folder] = run
        }
        // Runs that go on stand at the top; among all, the later begun first, so that cards stay where they are.
        let sorted = shown.sorted { first, second in
            let keys = [first, second].map { folder -> (Int, String) in
                (runs[folder]?.activity.isRunning == true ? 1 : 0, runs[folder]?.record.startTime ?? "")
            }
            return keys[0] == keys[1] ? first < second : keys[0] > keys[1]
        }
        hasChanged = hasChanged || sorted != order
        order = sorted
        guard hasChanged else { return nil }
        return ListPage(
            entries: sorted.compactMap { folder in
                runs[folder].map { ListPage.Entry(id: RunShelf.id(of: folder), run: $0) }
            }, folders: shelf.folders, left: found.count - shown.count
        ).parts
    }

    private static func modified(_ folder: String) -> Int {
        var status = stat()
        return stat(folder + "/events.jsonl", &status) == 0 ? Int(status.st_mtim.tv_sec) : 0
    }

    /// The folder of the run with an address of its own.
    func folder(of id: String) -> String? { shelf.runs().first { RunShelf.id(of: $0) == id } }
}
