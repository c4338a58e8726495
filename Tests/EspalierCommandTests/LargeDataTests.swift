import EspalierSpec
import EspalierTraining
import Foundation
import Testing

/// Data that is larger than the memory that a training takes.
@Suite struct LargeDataTests {
    /// Runs the program and gives the most memory that it held at once, in bytes.
    private func peakMemory(_ arguments: [String]) throws -> Int {
        let path = try Command.executable.path
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var process = pid_t(), status: Int32 = 0, usage = rusage()
        try #require(posix_spawn(&process, path, nil, nil, &words, environ) == 0)
        try #require(wait4(process, &status, 0, &usage) == process)
        #expect(status == 0)
        return usage.ru_maxrss * 1024
    }

    /// An array of `rows` times a thousand numbers, most of them in a hole of the file, with labels beside it.
    private func put(_ rows: Int, as name: String, in command: Command) throws {
        func header(_ type: String, _ shape: String) -> [UInt8] {
            let text = Array("{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }\n".utf8)
            return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count), 0] + text
        }
        let start = header("<f4", "(\(rows), 1000)")
        let values = (0..<1000).flatMap { withUnsafeBytes(of: Float($0 % 7), Array.init) }
        try Data(start + values).write(to: URL(filePath: command.path("\(name).npy")))
        #expect(truncate(command.path("\(name).npy"), start.count + rows * 4000) == 0)
        try Data(header("|u1", "(\(rows),)") + (0..<rows).map { UInt8($0 % 3) })
            .write(to: URL(filePath: command.path("\(name)-labels.npy")))
        try command.put(
            """
            data:
              source: {npy: {path: \(name).npy, targets: \(name)-labels.npy}}
              scale: standard
            model: [linear: {units: auto}]
            training: {epochs: 1, batchSize: 1000}
            doctor: off
            """, as: "\(name).yaml")
    }

    @Test func memoryDoesNotGrowWithTheData() throws {
        let command = try Command()
        try put(2000, as: "small", in: command)
        try put(160_000, as: "large", in: command)
        func train(_ name: String) throws -> Int {
            try peakMemory(["train", command.path("\(name).yaml"), "--out", command.path(name), "--quiet"])
        }
        let small = try train("small"), large = try train("large")
        // The file has 640 MB, and labels and rows take three.
        #expect(large - small < 64 << 20, "\(small >> 20) MiB, then \(large >> 20)")
        let summary = try command.json("large/summary.json")
        #expect(summary["steps"]?.doubleValue == 112)
        #expect(try (0.0...1).contains(#require(summary["waitingShare"]?.doubleValue)))
        let events = try command.text("large/events.jsonl").split(separator: "\n")
        for name in ["epoch", "stop"] {
            #expect(events.contains { $0.contains("\"event\":\"\(name)\"") && $0.contains("\"waitingShare\":") })
        }
    }
}
