import Foundation

extension Report {
    /// Writes `assessment.html` beside the `assessment.json` in `folder`, which may be a run's.
    ///
    /// - Returns: The path of the file.
    /// - Throws: `EspalierError` where the folder holds no assessment or cannot be written to.
    @discardableResult
    public static func writeAssessment(folder: String) throws -> String {
        try write(
            AssessmentPage(record: AssessmentRecord(folder: folder)).markup.html,
            to: URL(fileURLWithPath: folder).appendingPathComponent("assessment.html"))
    }
}
