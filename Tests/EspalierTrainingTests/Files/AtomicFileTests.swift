import EspalierSpec
import Foundation
import Testing

@testable import EspalierTraining

struct AtomicFileTests {
    @Test func theNewFileReplacesTheOld() throws {
        let folder = try TemporaryFolder()
        let path = try folder.put("old", as: "file")
        try AtomicFile.write("new and longer", to: path)
        #expect(try text(of: path) == "new and longer")
        try AtomicFile.write([UInt8](), to: path)
        #expect(try text(of: path).isEmpty)
        #expect(try folder.names == ["file"])
    }

    /// What stands where the file would be is written to, not replaced.
    @Test func linksAndPipesStay() throws {
        let folder = try TemporaryFolder()
        let path = try folder.put("old", as: "file"), link = "\(folder.path)/link", pipe = "\(folder.path)/pipe"
        try #require(symlink("file", link) == 0 && mkfifo(pipe, 0o600) == 0)
        try AtomicFile.write("new", to: link)
        #expect(try text(of: path) == "new")
        let reader = open(pipe, O_RDWR | O_CLOEXEC)
        try #require(reader >= 0)
        defer { close(reader) }
        try AtomicFile.write("through", to: pipe)
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(read(reader, &bytes, 16) == 7 && bytes.starts(with: Array("through".utf8)))
        let kinds = [link, pipe].map { path in
            var status = stat()
            return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
        }
        #expect(kinds == [S_IFLNK, S_IFIFO])
        #expect(try folder.names == ["file", "link", "pipe"])
    }

    @Test func aFailingBodyLeavesTheOldFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.put("old", as: "file")
        let error = error {
            try AtomicFile.write(to: path) { output in
                try output.write(Array("half".utf8))
                throw EspalierError("stopped")
            }
        }
        #expect(error?.what == "stopped")
        #expect(try text(of: path) == "old")
        #expect(try folder.names == ["file"])
    }

    @Test func aFullDiskLeavesTheOldFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.put("old", as: "file")
        let error = error {
            try AtomicFile.write(
                to: path,
                call: { descriptor, bytes, count in
                    if count < 5 {
                        errno = ENOSPC
                        return -1
                    }
                    return write(descriptor, bytes, 2)
                }, { try $0.write(Array("0123456789".utf8)) })
        }
        #expect(error?.what == "cannot write: the disk is full")
        #expect(error?.location == path)
        #expect(try text(of: path) == "old")
        #expect(try folder.names == ["file"])
    }

    @Test func interruptedAndShortWritesAreContinued() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("file")
        var calls = 0
        try withoutActuallyEscaping({ (descriptor: Int32, bytes: UnsafeRawPointer, count: Int) -> Int in
            calls += 1
            if calls % 2 == 0 {
                errno = EINTR
                return -1
            }
            return write(descriptor, bytes, min(3, count))
        }) { call in
            try AtomicFile.write(to: path, call: call) { try $0.write(Array("0123456789".utf8)) }
        }
        #expect(try text(of: path) == "0123456789")
        #expect(calls == 7)
    }

    /// The real thing: the device on which every write finds the disk full.
    @Test func theSystemsFullDiskIsReported() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let failure = error {
            try [UInt8](repeating: 1, count: 10).withUnsafeBytes {
                try SystemFile.write($0, to: descriptor, path: "/dev/full")
            }
        }
        #expect(failure?.what == "cannot write: the disk is full")
    }

    @Test func placesThatCannotBeWrittenAreRefused() throws {
        let folder = try TemporaryFolder()
        let missing = error { try AtomicFile.write("x", to: folder.file("no/file")) }
        #expect(missing?.what == "cannot write: no such file or folder")
        #expect(missing?.location == folder.file("no/file"))
        #expect(error { try AtomicFile.write("x", to: folder.path) }?.what == "cannot write: it is a folder")
        try folder.put("x", as: "file")
        #expect(error { try AtomicFile.write("x", to: folder.file("file/y")) }?.what.contains("is no folder") == true)
        #expect(try folder.names == ["file"])
        #expect(error { try AtomicFile.write("x", to: "/proc/espalier") } != nil)
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func aFolderWithoutPermissionIsRefused() throws {
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o500)
        defer { chmod(folder.path, 0o700) }
        #expect(error { try AtomicFile.write("x", to: folder.file("y")) }?.what.contains("permission denied") == true)
    }

    /// A reader at any moment sees one whole version or the other.
    @Test func readersNeverSeeAMixture() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.put(String(repeating: "a", count: 100_000), as: "file")
        async let writing: Void = Task.detached {
            for round in 0..<50 {
                try AtomicFile.write(String(repeating: round % 2 == 0 ? "b" : "a", count: 100_000), to: path)
            }
        }.value
        for _ in 0..<200 {
            let seen = try bytes(of: path)
            #expect(seen.count == 100_000 && Set(seen).count == 1)
        }
        try await writing
    }
}
