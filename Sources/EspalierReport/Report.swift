import EspalierSpec
import Foundation

/// The report of a training: one HTML file that needs nothing but itself.
///
/// It holds its figures as inline SVG, looks right in light and dark, on a phone, on a desk and on paper, and loads
/// nothing from anywhere. The same run folder gives the same bytes.
public enum Report {
    /// The report of `run` as a complete HTML document.
    public static func html(_ run: RunRecord) -> String {
        ReportPage(run).markup.html
    }

    /// Writes `report.html` into the run folder, whole or not at all.
    ///
    /// - Returns: The path of the file.
    /// - Throws: `EspalierError` where the folder holds no run or cannot be written to.
    @discardableResult
    public static func write(folder: String) throws -> String {
        let html = html(try RunRecord(folder: folder))
        return try write(html, to: URL(fileURLWithPath: folder).appendingPathComponent("report.html"))
    }

    /// Writes a page that compares runs, whole or not at all; it leads to the report of each run that has one.
    ///
    /// - Parameters:
    ///   - folders: The runs, in the order in which they are shown.
    ///   - path: The file to write; in the folder that holds the first run where nothing is said.
    /// - Returns: The path of the file.
    /// - Throws: `EspalierError` where a folder holds no run or the file cannot be written.
    @discardableResult
    public static func compare(folders: [String], to path: String? = nil) throws -> String {
        let runs = try folders.map { try RunRecord(folder: $0) }
        let file =
            path.map { URL(fileURLWithPath: $0) }
            ?? URL(fileURLWithPath: folders.first ?? ".").deletingLastPathComponent()
            .appendingPathComponent("comparison.html")
        let links = folders.map { link(to: $0, from: file.deletingLastPathComponent()) }
        let page = ComparisonPage(runs, links: links).markup
        return try write(page.html, to: file)
    }

    /// From a page to a run's report below it; nothing where it lies elsewhere, since the page may be moved alone.
    private static func link(to folder: String, from base: URL) -> String? {
        let report = URL(fileURLWithPath: folder).appendingPathComponent("report.html").standardizedFileURL.path
        let below = base.standardizedFileURL.path + "/"
        guard report.hasPrefix(below), FileManager.default.fileExists(atPath: report) else { return nil }
        return report.dropFirst(below.count).description.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
            .map { "./" + $0 }
    }

    static func write(_ html: String, to file: URL) throws -> String {
        do {
            try Data(html.utf8).write(to: file, options: .atomic)
        } catch {
            throw EspalierError(
                "the report cannot be written", at: file.path, expected: "a folder that this user may write to",
                fix: "check the folder's permissions and the space left on its disk")
        }
        return file.path
    }
}
