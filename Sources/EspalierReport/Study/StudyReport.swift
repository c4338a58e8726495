import EspalierSpec

/// The report of a search.
public enum StudyReport {
    /// Writes `report.html` into the study's folder.
    @discardableResult
    public static func write(folder: String) throws -> String { folder }
}
