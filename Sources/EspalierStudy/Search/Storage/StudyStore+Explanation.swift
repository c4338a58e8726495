import EspalierSpec
import Foundation
import GRDB

// What SQLite says, as something that a person can act on.
extension StudyStore {
    /// Does what `body` does; its failures are told with the file and what to try.
    static func explaining<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw explanation(error, path)
        } catch let error as EspalierError {
            throw error.located(at: path)
        }
    }

    private static func explanation(_ error: DatabaseError, _ path: String) -> EspalierError {
        switch error.resultCode {
        case .SQLITE_FULL: SystemFile.failure(ENOSPC, "cannot write", path)
        case .SQLITE_READONLY: SystemFile.failure(EROFS, "cannot write", path)
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            EspalierError(
                "the study cannot be opened", at: path, expected: "a folder that this user may write to",
                fix: "check its owner and permissions; study.json has the state when the last search ended")
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            EspalierError(
                "the file is damaged, or no study", at: path, expected: "a study.sqlite that a search made",
                fix: "put it back from a copy; study.json has the state when the last search ended")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            EspalierError(
                "another process has kept the study locked for a minute", at: path,
                expected: "processes of one machine, on a disk of its own", fix: "look for one that is stopped")
        case .SQLITE_IOERR:
            EspalierError(
                "the disk fails: \(error.message ?? "no reason is given")", at: path,
                expected: "a disk with space left and without faults", fix: "free some space, or choose another --out")
        default:
            EspalierError("the study cannot be used: \(error.message ?? "\(error.resultCode)")", at: path)
        }
    }
}
