import EspalierSpec
import Foundation

/// The report of a search: one HTML file that needs nothing but itself, like that of a training.
public enum StudyReport {
    /// The report of `study` as a complete HTML document.
    public static func html(_ study: StudyRecord) -> String {
        StudyPage(study).markup.html
    }

    /// Writes `report.html` into the study's folder, whole or not at all, from its `study.json`.
    ///
    /// - Returns: The path of the file.
    /// - Throws: `EspalierError` where the folder holds no study or cannot be written to.
    @discardableResult
    public static func write(folder: String) throws -> String {
        let html = html(try StudyRecord(folder: folder))
        return try Report.write(html, to: URL(fileURLWithPath: folder).appendingPathComponent("report.html"))
    }
}
