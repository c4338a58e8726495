import EspalierSpec
import Foundation

extension Report {
    /// Writes `report.html` beside the `lab.json` in `folder`.
    ///
    /// - Returns: The path of the file.
    /// - Throws: `EspalierError` where the folder holds no experiment or cannot be written to.
    @discardableResult
    public static func writeLab(folder: String) throws -> String {
        try write(
            LabPage(record: LabRecord(folder: folder)).markup.html,
            to: URL(fileURLWithPath: folder).appendingPathComponent("report.html"))
    }

    /// Writes `index.html` into `folder`, of the experiments in its folders `names`.
    ///
    /// - Returns: The path of the file.
    /// - Throws: `EspalierError` where one of them holds no experiment, or the folder cannot be written to.
    @discardableResult
    public static func writeLabIndex(folder: String, of names: [String]) throws -> String {
        let records = try names.map { ($0, try LabRecord(folder: "\(folder)/\($0)")) }
        return try write(
            LabIndexPage(records: records).markup.html,
            to: URL(fileURLWithPath: folder).appendingPathComponent("index.html"))
    }
}
