import EspalierGraph
import EspalierSpec
import EspalierTestSupport
import EspalierTraining
import Foundation
import GRDB
import Synchronization
import Testing

@testable import EspalierStudy

@Suite final class StudyStoreTests {
    private let folder = NSTemporaryDirectory() + "/espalier-store-\(UUID().uuidString)"
    private var path: String { folder + "/study.sqlite" }
    private let identity: ConfigurationValue = ["seed": 7]

    init() throws { try SystemFile.makeFolders(folder) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func store(trials: Int = 3) throws -> StudyStore {
        try StudyStore.create(at: path, identity: identity, trials: trials)
        return try StudyStore(opening: path)
    }

    private func claim(
        _ store: StudyStore, for owner: String, alive: Set<String> = []
    ) throws -> (number: Int, coordinates: [Double])? {
        let claim = try store.claim(for: owner, isAlive: alive.contains) { number, _ in
            ([Double(number) / 3, 0.1 + 0.2], [.init("x", .number(0.1 + 0.2)), .init("y", "a\"b")])
        }
        guard case .trial(let number, let coordinates) = claim else { return nil }
        return (number, coordinates)
    }

    private func end(_ state: StudyTrial.State, _ value: Double?) -> StudyTrial.End {
        let finding = Finding(.overfitting, .warning, explanation: "why")
        return .init(
            state: state, value: value, message: "done", seconds: 1.5, diagnosis: Diagnosis(findings: [finding]))
    }

    @Test func aTrialIsKeptAsItWas() throws {
        let store = try store()
        #expect(try store.identity == identity && store.count == 3)
        let first = try #require(try claim(store, for: "a"))
        #expect(first.number == 0 && first.coordinates == [0, 0.1 + 0.2])
        #expect(try store.report(0, epoch: 1, value: 0.25).isEmpty)
        #expect(try store.report(0, epoch: 2, value: nil).isEmpty)
        try store.end(0, owner: "a", end(.pruned, 0.25))
        let trial = try #require(try StudyStore(opening: path, readOnly: true).trials().first)
        #expect(trial.state == .pruned && trial.value == 0.25 && trial.message == "done" && trial.seconds == 1.5)
        #expect(trial.settings == [.init("x", .number(0.1 + 0.2)), .init("y", "a\"b")])
        #expect(trial.course.map(\.epoch) == [1, 2] && trial.course.map(\.value) == [0.25, nil])
        #expect(trial.diagnosis?.findings.map(\.symptom) == [.overfitting] && trial.attempts == 1)
        // Only who is at the same epoch is a peer.
        _ = try claim(store, for: "b")
        #expect(try store.report(1, epoch: 1, value: 0.5) == [0: 0.25])
        #expect(try store.report(1, epoch: 2, value: 0.5) == [:])
    }

    /// What a dead owner has begun is taken over as it was drawn; what a living one has is left alone.
    @Test func aDeadOwnersTrialBeginsAnew() throws {
        let store = try store()
        #expect(try claim(store, for: "dead")?.number == 0)
        _ = try store.report(0, epoch: 1, value: 0.25)
        #expect(try claim(store, for: "b", alive: ["dead"])?.number == 1)
        let again = try #require(try claim(store, for: "c", alive: ["b"]))
        #expect(again.number == 0 && again.coordinates == [0, 0.1 + 0.2])
        #expect(try store.trials()[0].course.isEmpty && store.trials()[0].attempts == 2)
        // The dead come too late.
        #expect(throws: EspalierError.self) { try store.end(0, owner: "dead", self.end(.completed, 1)) }
        try store.end(0, owner: "c", end(.completed, 1))
        #expect(throws: EspalierError.self) { try store.end(0, owner: "c", self.end(.completed, 2)) }
        #expect(try store.trials()[0].value == 1)
        try store.release(1, owner: "b")
        #expect(try store.trials()[1].state == .waiting && claim(store, for: "c", alive: ["c"])?.number == 1)
    }

    @Test func endsWhenAllAreDone() throws {
        let store = try store(trials: 1)
        func outcome(alive: Set<String>) throws -> String {
            "\(try store.claim(for: "b", isAlive: alive.contains) { _, _ in nil })"
        }
        #expect(try outcome(alive: []) == "wait")
        _ = try claim(store, for: "a")
        #expect(try outcome(alive: ["a"]) == "wait")
        try store.end(0, owner: "a", end(.failed, nil))
        #expect(try outcome(alive: []) == "done")
        try store.set(count: 2)
        #expect(try claim(store, for: "b")?.number == 1)
    }

    /// Threads with a connection each, as processes have.
    @Test func everyTrialIsTakenOnce() throws {
        let path = path
        _ = try store(trials: 60)
        let taken = Mutex<[Int]>([])
        let errors = SideBySide.map(Array(0..<4), workers: 4) { worker -> (any Error)? in
            do {
                let store = try StudyStore(opening: path)
                while true {
                    let claim = try store.claim(for: "w\(worker)", isAlive: { _ in true }) { number, trials in
                        #expect(trials.count == number)
                        return ([0.5], [])
                    }
                    guard case .trial(let number, _) = claim else { return nil }
                    taken.withLock { $0.append(number) }
                    try store.end(
                        number, owner: "w\(worker)", .init(state: .completed, value: 1, message: "", seconds: 0))
                }
            } catch {
                return error
            }
        }
        #expect(errors.allSatisfy { $0 == nil }, "\(errors)")
        #expect(taken.withLock { $0.sorted() } == Array(0..<60))
    }

    @Test func aLockEndsWithItsOwner() throws {
        let locks = folder + "/locks"
        var lock: ProcessLock? = try ProcessLock(in: locks)
        let name = try #require(lock?.name)
        #expect(ProcessLock.isAlive(name, in: locks) && !ProcessLock.isAlive("other", in: locks))
        lock = nil
        #expect(!ProcessLock.isAlive(name, in: locks))
        // What a process leaves that was killed: the file without its lock.
        try Data().write(to: URL(filePath: locks + "/left"))
        #expect(!ProcessLock.isAlive("left", in: locks) && !SystemFile.exists(locks + "/left"))
        #expect(!ProcessLock.isAlive("../study.sqlite", in: locks))
    }

    // What can go wrong with the file

    @Test func aFullDiskIsSaid() throws {
        try StudyStore.create(at: path, identity: identity, trials: 10_000)
        let store = try StudyStore(opening: path, maximumPages: 12)
        let error = #expect(throws: EspalierError.self) {
            for _ in 0..<2000 {
                guard let (number, _) = try self.claim(store, for: "a") else { return }
                try store.end(number, owner: "a", self.end(.completed, 1))
            }
        }
        #expect(error?.what.contains("the disk is full") == true && error?.location == path)
        // What was written before is whole.
        #expect(try StudyStore(opening: path).trials().allSatisfy { $0.state == .completed || $0.state == .running })
    }

    @Test func otherFilesAreRefused() throws {
        func open() -> EspalierError? { #expect(throws: EspalierError.self) { _ = try StudyStore(opening: self.path) } }
        #expect(open()?.what == "there is no study")
        try Data("name: digits\n".utf8).write(to: URL(filePath: path))
        #expect(open()?.what == "the file is damaged, or no study")
        try FileManager.default.removeItem(atPath: path)
        try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE trial (number INTEGER)") }
        #expect(open()?.what == "the file is no study")
        try FileManager.default.removeItem(atPath: path)
        _ = try store()
        try DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA user_version = 9") }
        #expect(open()?.what.contains("another version") == true)
    }

    /// A study that was there first stays.
    @Test func creatingIsDoneOnce() throws {
        let store = try store()
        _ = try claim(store, for: "a")
        try StudyStore.create(at: path, identity: ["seed": 8], trials: 1)
        #expect(try store.trials().count == 1 && StudyStore(opening: path).identity == identity)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy { $0.hasPrefix("study.sqlite") })
    }

    @Test func damagedFilesAreReadOrRefused() throws {
        let store = try store(trials: 9)
        for number in 0..<9 {
            _ = try claim(store, for: "a", alive: ["a"])
            for epoch in 1...4 { _ = try store.report(number, epoch: epoch, value: Double(epoch)) }
            if number % 3 > 0 { try store.end(number, owner: "a", end(number % 3 == 1 ? .completed : .pruned, 0.5)) }
        }
        let copy = folder + "/copy.sqlite"
        try DatabaseQueue(path: path).vacuum(into: copy)
        let whole = Array(try Data(contentsOf: URL(filePath: copy)))
        var random = RandomStream(seed: 1, "store fuzz")
        var refused = 0
        let count = max(20, Fuzzing.count / 30)
        for _ in 0..<count {
            try Data(random.damage(whole, with: "{}[]\",\0\u{1}")).write(to: URL(filePath: copy))
            do {
                let damaged = try StudyStore(opening: copy, readOnly: true)
                _ = try (damaged.identity, damaged.count, damaged.trials())
            } catch {
                refused += 1
                #expect((error as? EspalierError)?.location == copy, "\(error)")
            }
        }
        #expect(refused > count / 10, "\(refused)")
    }
}
