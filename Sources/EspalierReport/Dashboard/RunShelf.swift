import EspalierSpec
import Foundation

/// Finds the runs below some folders, also those that begin later.
struct RunShelf: Sendable {
    /// As they were given: runs, or folders that hold runs.
    let folders: [String]

    /// So deep below a folder runs are looked for: `runs/study-1/trial-3`.
    static let depth = 3
    /// So many folders are looked into at most.
    static let visited = 5_000

    /// - Throws: `EspalierError` where a folder is missing.
    init(_ folders: [String]) throws {
        for folder in folders where !SystemFile.isFolder(folder) {
            throw EspalierError(
                SystemFile.exists(folder) ? "this is no folder" : "there is no such folder", at: folder,
                expected: "the folder of a run, or one that holds runs, such as runs",
                fix: "espalier train CONFIG makes one")
        }
        self.folders = folders
    }

    /// Where trainings put their runs, whether there is one yet or not.
    init() { folders = ["runs"] }

    /// The folders of all runs; those that are given first, each only once.
    func runs() -> [String] {
        var found: [String] = [], known: Set<String> = []
        var rest = Self.visited
        for folder in folders { look(into: folder, depth: Self.depth, &found, &known, &rest) }
        return found
    }

    private func look(
        into folder: String, depth: Int, _ found: inout [String], _ known: inout Set<String>, _ rest: inout Int
    ) {
        guard rest > 0 else { return }
        rest -= 1
        if SystemFile.exists(folder + "/events.jsonl") {
            if known.insert(folder).inserted { found.append(folder) }
            return
        }
        guard depth > 0 else { return }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where !name.hasPrefix(".") {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            // A link may lead anywhere, also back.
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
            look(into: path, depth: depth - 1, &found, &known, &rest)
        }
    }

    /// A name for a run's address: what its folder is called, and a mark that tells folders of one name apart.
    static func id(of folder: String) -> String {
        let url = URL(fileURLWithPath: folder).standardizedFileURL
        let plain = url.lastPathComponent.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "-" }
        // Fowler, Noll and Vo's hash, 32 bits.
        let mark = url.path.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return "\(String(plain.prefix(60)))-\(String(mark, radix: 16))"
    }
}
