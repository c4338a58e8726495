import EspalierSpec
import EspalierTraining
import Foundation
import GRDB

/// The trials of a study in a file of SQLite, for several processes at once.
///
/// Whatever changes is one transaction that takes the file's lock at its begin, so that each trial is taken by one, and a
/// process that is killed at any point leaves all of a change or nothing.
final class StudyStore: Sendable {
    /// Tells a study from other files of SQLite: `Esp1`.
    private static let applicationID = 0x4573_7031
    static let version = 1

    private let queue: DatabaseQueue
    private let path: String

    /// Opens a study.
    ///
    /// - Parameter maximumPages: The most pages that the file may have; tests have a disk full by it.
    init(opening path: String, readOnly: Bool = false, maximumPages: Int? = nil) throws {
        self.path = path
        guard SystemFile.exists(path) else {
            throw EspalierError(
                "there is no study", at: SystemFile.folder(of: path), expected: "a folder with study.sqlite",
                fix: "espalier search CONFIG makes one")
        }
        queue = try Self.explaining(path) {
            let queue = try DatabaseQueue(path: path, configuration: Self.configuration(readOnly, maximumPages))
            try queue.read { try Self.check($0, path) }
            return queue
        }
    }

    /// Makes the file of a new study; it is there whole or not at all.
    ///
    /// Where another process was first, that one's stays.
    static func create(at path: String, identity: ConfigurationValue, trials: Int) throws {
        let temporary = "\(SystemFile.folder(of: path))/.study-\(getpid())-\(UInt32.random(in: 0 ... .max)).sqlite"
        defer { for end in ["", "-wal", "-shm"] { unlink(temporary + end) } }
        try explaining(path) {
            let queue = try DatabaseQueue(path: temporary, configuration: configuration(false, nil))
            try queue.write { db in
                try db.execute(sql: "PRAGMA application_id = \(applicationID)")
                try db.execute(sql: "PRAGMA user_version = \(version)")
                try db.execute(
                    sql: """
                        CREATE TABLE study (identity TEXT NOT NULL, trials INTEGER NOT NULL);
                        CREATE TABLE trial (
                            number INTEGER PRIMARY KEY, state TEXT NOT NULL, owner TEXT, attempts INTEGER NOT NULL,
                            coordinates TEXT NOT NULL, settings TEXT NOT NULL, value REAL, message TEXT, seconds REAL,
                            diagnosis TEXT);
                        CREATE TABLE course (
                            trial INTEGER NOT NULL REFERENCES trial, epoch INTEGER NOT NULL, value REAL,
                            PRIMARY KEY (trial, epoch)) WITHOUT ROWID;
                        CREATE INDEX course_by_epoch ON course (epoch);
                        """)
                try db.execute(
                    sql: "INSERT INTO study VALUES (?, ?)", arguments: [JSON.write(identity), trials])
            }
            try queue.close()
        }
        guard link(temporary, path) == 0 || errno == EEXIST else {
            throw SystemFile.failure(errno, "cannot make the file", path)
        }
    }

    private static func configuration(_ readOnly: Bool, _ maximumPages: Int?) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = readOnly
        // Others hold the lock for milliseconds, unless the disk is very slow.
        configuration.busyMode = .timeout(60)
        if !readOnly { configuration.journalMode = .wal }
        configuration.prepareDatabase { db in
            // A result that was told must survive a power failure.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            if let maximumPages { try db.execute(sql: "PRAGMA max_page_count = \(maximumPages)") }
        }
        return configuration
    }

    private static func check(_ db: Database, _ path: String) throws {
        guard try number(db, "PRAGMA application_id") == applicationID, try db.tableExists("trial") else {
            throw EspalierError("the file is no study", at: path, expected: "a study.sqlite that a search made")
        }
        guard try number(db, "PRAGMA user_version") == version else {
            throw EspalierError(
                "the study was made by another version of Espalier", at: path, expected: "format \(version)",
                fix: "use that version, or begin another study")
        }
    }

    // The study

    var identity: ConfigurationValue {
        get throws {
            try read { db in
                try Self.json(DatabaseValue.fetchOne(db, sql: "SELECT identity FROM study"))
            }
        }
    }

    /// How many trials there are to be.
    var count: Int { get throws { try read { try Self.number($0, "SELECT trials FROM study") } } }

    func set(count: Int) throws {
        try change { try $0.execute(sql: "UPDATE study SET trials = ?", arguments: [count]) }
    }

    /// All trials that were begun, by number.
    func trials() throws -> [StudyTrial] { try read { try Self.trials($0) } }

    // A trial

    /// What there is to do.
    enum Claim: Sendable {
        case trial(number: Int, coordinates: [Double])
        /// Others have to end first.
        case wait
        case done
    }

    /// Takes the next trial: one whose owner died or gave it up, or else a new one.
    ///
    /// - Parameters:
    ///   - owner: Who takes it.
    ///   - isAlive: Whether the owner of that name lives.
    ///   - draw: The coordinates and settings of a new trial by its number and those before; nothing where others have to end
    ///     first.
    func claim(
        for owner: String, isAlive: (String) -> Bool,
        draw: (Int, [StudyTrial]) throws -> (coordinates: [Double], settings: [ConfigurationValue.Entry])?
    ) throws -> Claim {
        try change { db in
            let open = try Row.fetchAll(
                db, sql: "SELECT number, owner FROM trial WHERE state IN ('running', 'waiting') ORDER BY number")
            for row in open {
                guard let number = Int.fromDatabaseValue(row[0]) else { throw Self.damaged }
                if let other = String.fromDatabaseValue(row[1]), other == owner || isAlive(other) { continue }
                try db.execute(sql: "DELETE FROM course WHERE trial = ?", arguments: [number])
                try db.execute(
                    sql: "UPDATE trial SET state = 'running', owner = ?, attempts = attempts + 1 WHERE number = ?",
                    arguments: [owner, number])
                return .trial(number: number, coordinates: try Self.coordinates(db, of: number))
            }
            let begun = try Self.number(db, "SELECT COUNT(*) FROM trial")
            guard try begun < Self.number(db, "SELECT trials FROM study") else {
                return open.isEmpty ? .done : .wait
            }
            guard let drawn = try draw(begun, Self.trials(db)) else { return .wait }
            try db.execute(
                sql: """
                    INSERT INTO trial (number, state, owner, attempts, coordinates, settings)
                    VALUES (?, 'running', ?, 1, ?, ?)
                    """,
                arguments: [
                    begun, owner, JSON.write(.list(drawn.coordinates.map { .number($0) })),
                    JSON.write(.map(drawn.settings)),
                ])
            return .trial(number: begun, coordinates: drawn.coordinates)
        }
    }

    /// Notes what a trial has reached after an epoch.
    ///
    /// - Returns: What others had reached by then, by their numbers.
    func report(_ number: Int, epoch: Int, value: Double?) throws -> [Int: Double] {
        try change { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO course VALUES (?, ?, ?)", arguments: [number, epoch, value])
            let rows = try Row.fetchAll(
                db, sql: "SELECT trial, value FROM course WHERE epoch = ? AND value IS NOT NULL AND trial != ?",
                arguments: [epoch, number])
            let values = try rows.map { row in
                guard let trial = Int.fromDatabaseValue(row[0]), let value = Double.fromDatabaseValue(row[1]) else {
                    throw Self.damaged
                }
                return (trial, value)
            }
            return Dictionary(values, uniquingKeysWith: { first, _ in first })
        }
    }

    /// Notes how a trial ended.
    func end(_ number: Int, owner: String, _ end: StudyTrial.End) throws {
        try change { db in
            try db.execute(
                sql: """
                    UPDATE trial SET state = ?, owner = NULL, value = ?, message = ?, seconds = ?, diagnosis = ?
                    WHERE number = ? AND owner = ? AND state = 'running'
                    """,
                arguments: [
                    end.state.rawValue, end.value, end.message, end.seconds,
                    end.diagnosis.map { JSON.write($0.configuration) }, number, owner,
                ])
            guard db.changesCount == 1 else {
                throw EspalierError(
                    "trial \(number) is no longer this process's", at: path,
                    expected: "a study that nobody edits by hand")
            }
        }
    }

    /// Gives a trial back that was interrupted: it begins anew.
    func release(_ number: Int, owner: String) throws {
        try change { db in
            try db.execute(sql: "DELETE FROM course WHERE trial = ?", arguments: [number])
            try db.execute(
                sql: "UPDATE trial SET state = 'waiting', owner = NULL WHERE number = ? AND owner = ?",
                arguments: [number, owner])
        }
    }

    // Rows

    // A file that somebody has damaged may hold anything anywhere: no value is taken for what it should be.

    private static func number(_ db: Database, _ sql: String) throws -> Int {
        guard let number = try DatabaseValue.fetchOne(db, sql: sql).flatMap(Int.fromDatabaseValue) else {
            throw damaged
        }
        return number
    }

    private static func json(_ value: DatabaseValue?) throws -> ConfigurationValue {
        guard let text = value.flatMap(String.fromDatabaseValue), let json = try? JSON.parse(Array(text.utf8)[...])
        else {
            throw damaged
        }
        return json
    }

    private static func coordinates(_ db: Database, of number: Int) throws -> [Double] {
        try coordinates(
            DatabaseValue.fetchOne(db, sql: "SELECT coordinates FROM trial WHERE number = ?", arguments: [number]))
    }

    private static func coordinates(_ value: DatabaseValue?) throws -> [Double] {
        guard case .list(let values) = try json(value) else { throw damaged }
        return try values.map { value in
            guard let number = value.doubleValue, number.isFinite else { throw damaged }
            return number
        }
    }

    private static var damaged: EspalierError {
        EspalierError("the study is damaged", expected: "what a search wrote", fix: "put it back from a copy")
    }

    private static func trials(_ db: Database) throws -> [StudyTrial] {
        var courses: [Int: [(epoch: Int, value: Double?)]] = [:]
        let points = try Row.fetchCursor(db, sql: "SELECT trial, epoch, value FROM course ORDER BY trial, epoch")
        while let row = try points.next() {
            guard let trial = Int.fromDatabaseValue(row[0]), let epoch = Int.fromDatabaseValue(row[1]) else {
                throw damaged
            }
            courses[trial, default: []].append((epoch, Double.fromDatabaseValue(row[2])))
        }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT number, state, attempts, coordinates, settings, value, message, seconds, diagnosis FROM trial
                ORDER BY number
                """)
        return try rows.map { row in
            guard let number = Int.fromDatabaseValue(row[0]),
                let state = String.fromDatabaseValue(row[1]).flatMap(StudyTrial.State.init),
                case .map(let settings) = try json(row[4])
            else { throw damaged }
            let diagnosis = row[8] == .null ? nil : try Diagnosis(configuration: json(row[8]))
            return StudyTrial(
                number: number, state: state, coordinates: try Self.coordinates(row[3]), settings: settings,
                value: Double.fromDatabaseValue(row[5]), message: String.fromDatabaseValue(row[6]),
                seconds: Double.fromDatabaseValue(row[7]), diagnosis: diagnosis,
                attempts: Int.fromDatabaseValue(row[2]) ?? 1, course: courses[number] ?? [])
        }
    }

    // Transactions

    private func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try Self.explaining(path) { try queue.read(body) }
    }

    private func change<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try Self.explaining(path) {
            var result: Result?
            try queue.inTransaction(.immediate) { db in
                result = try body(db)
                return .commit
            }
            guard let result else { throw Self.damaged }
            return result
        }
    }
}
