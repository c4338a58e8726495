import EspalierSpec
import Foundation
import Synchronization
import Testing

@testable import EspalierTraining

struct RunFolderTests {
    @Test func theNextFreeNumberIsTaken() throws {
        let folder = try TemporaryFolder()
        let runs = folder.file("deep/runs")
        #expect(try RunFolder.next(named: "digits", below: runs).path == "\(runs)/digits-1")
        #expect(try RunFolder.next(named: "digits", below: runs).path == "\(runs)/digits-2")
        try SystemFile.makeFolders("\(runs)/digits-7")
        try SystemFile.makeFolders("\(runs)/digits-x")
        try SystemFile.makeFolders("\(runs)/digits-mlp-40")
        #expect(try RunFolder.next(named: "digits", below: runs).path == "\(runs)/digits-8")
        #expect(try RunFolder.next(named: "other", below: runs).path == "\(runs)/other-1")
    }

    @Test func runsThatBeginTogetherGetFoldersOfTheirOwn() throws {
        let folder = try TemporaryFolder()
        let paths = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 800) { _ in
            if let run = try? RunFolder.next(named: "run", below: folder.path) {
                paths.withLock { $0.append(run.path) }
            }
        }
        #expect(paths.withLock { $0.count } == 800)
        #expect(Set(paths.withLock { $0 }).count == 800)
    }

    @Test(arguments: ["", "a/b", "..", ".hidden", "a\u{0}b", String(repeating: "n", count: 201)])
    func namesThatNameNoFolderAreRefused(name: String) throws {
        let folder = try TemporaryFolder()
        #expect(error { try RunFolder.next(named: name, below: folder.path) }?.what.contains("cannot name") == true)
        #expect(try folder.names.isEmpty)
    }

    @Test func aGivenFolderIsUsedItselfUnlessItHoldsARun() throws {
        let folder = try TemporaryFolder()
        let out = folder.file("a/b")
        let run = try RunFolder.taking(out + "/")
        #expect(run.events == "\(out)/events.jsonl")
        #expect(try RunFolder.taking(out) == run)
        #expect(error { try RunFolder.opening(out) }?.what == "the folder holds no run")
        _ = try EventLog(creating: run.events)
        let refused = try #require(error { try RunFolder.taking(out) })
        #expect(refused.what == "the folder already holds a run")
        #expect(refused.fix == "another --out, or --resume \(out) to go on with it")
        // Nor is a file of the user's own written over that only looks like a run's.
        try SystemFile.makeFolders(folder.file("mine"))
        try folder.put("x", as: "mine/config.yaml")
        #expect(
            error { try RunFolder.taking(folder.file("mine")) }?.what == "the folder already holds a config.yaml")
        #expect(try RunFolder.opening(out) == run)
        #expect(error { try RunFolder.opening(folder.file("no")) }?.what == "there is no such folder")
        try folder.put("x", as: "file")
        #expect(error { try RunFolder.taking(folder.file("file")) }?.what.contains("cannot make the folder") == true)
        #expect(error { try RunFolder.taking(folder.file("file/x")) }?.what.contains("cannot make the folder") == true)
    }
}
