/// One of the runs of a comparison.
struct ComparedRun {
    var page: ReportPage
    /// What it is called on the page: no two are called the same.
    var name: String
    /// Where its own report lies, seen from the page.
    var link: String?
    /// The class that gives its curves their colour.
    var style: String

    var run: RunRecord { page.run }

    /// So many have a colour of their own; further ones have it dashed.
    static let colors = 8

    /// - Parameter links: From the page to each run's report.
    static func all(_ runs: [RunRecord], links: [String?]) -> [ComparedRun] {
        let names = distinctNames(runs)
        return runs.indices.map { index in
            ComparedRun(
                page: ReportPage(runs[index]), name: names[index], link: links[index],
                style: "run run\(index % colors)\(index >= colors ? " dashed" : "")")
        }
    }

    /// The runs' own names, with the folders' where those repeat, and numbers where these do too.
    private static func distinctNames(_ runs: [RunRecord]) -> [String] {
        func repeats(_ names: [String]) -> Bool { Set(names).count < names.count }
        let own = runs.map(\.name)
        guard repeats(own) else { return own }
        let folders = runs.map { $0.folder.split(separator: "/").last.map(String.init) ?? $0.folder }
        guard repeats(folders) else { return folders }
        return folders.enumerated().map { "\($0 + 1): \($1)" }
    }

    /// The measure of a set, with the bounds between which it lies on other such samples.
    func score(_ metric: Metric, on set: String) -> (value: Double, interval: ClosedRange<Double>?)? {
        let values =
            set == "test"
            ? run.summary?.test : run.summary?.best?.validation ?? run.bestEpoch?.validation
        guard let value = values?[metric.key] else { return nil }
        let bounds = run.summary?.intervals?[set]?[metric.key] ?? []
        return (value, bounds.count == 2 && bounds[0] <= bounds[1] ? bounds[0]...bounds[1] : nil)
    }
}
