import EspalierSpec
import Foundation

/// The report of a training: one HTML file that needs nothing but itself.
///
/// It holds its figures as inline SVG, looks right in light and dark, on a phone, on a desk and on paper, and loads
/// nothing from anywhere. The same run folder gives the same bytes.
public enum Report {
    /// The report of `run` as a complete HTML document.
    public static func html(_ run: RunRecord) -> String {
        ReportPage(run).document.html
    }

    /// Writes `report.html` into the run folder, whole or not at all.
    ///
    /// - Returns: The path of the file.
    /// - Throws: `EspalierError` where the folder holds no run or cannot be written to.
    @discardableResult
    public static func write(folder: String) throws -> String {
        try write(html(try RunRecord(folder: folder)), as: "report.html", in: folder)
    }

    static func write(_ html: String, as name: String, in folder: String) throws -> String {
        let file = URL(fileURLWithPath: folder).appendingPathComponent(name)
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
