import EspalierSpec
import EspalierTraining
import Foundation
import Testing

/// The real program, run as a user runs it, in a folder of the test's own that is gone when the test is over.
final class Command: Sendable {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/espalier-command-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
        /// Standard output as JSON.
        var json: ConfigurationValue { get throws { try JSON.parse(Array(output.utf8)[...]) } }
    }

    /// Runs `espalier` with the arguments and waits for it.
    func callAsFunction(_ arguments: String..., in subfolder: String = "") throws -> Outcome {
        try run(arguments, in: subfolder)
    }

    func run(_ arguments: [String], in subfolder: String = "") throws -> Outcome {
        let running = try start(arguments, in: subfolder)
        return try running.finish()
    }

    /// Starts `espalier`; output goes to files, so that none of it can block the program.
    func start(_ arguments: [String], in subfolder: String = "") throws -> Running {
        let name = "\(NSTemporaryDirectory())/espalier-output-\(UUID().uuidString)"
        let running = Running(output: name + ".out", errors: name + ".err")
        for file in [running.output, running.errors] { try Data().write(to: URL(filePath: file)) }
        running.process.executableURL = try Self.executable
        running.process.arguments = arguments
        running.process.currentDirectoryURL = URL(filePath: "\(folder)/\(subfolder)")
        running.process.standardInput = FileHandle.nullDevice
        running.process.standardOutput = FileHandle(forWritingAtPath: running.output)
        running.process.standardError = FileHandle(forWritingAtPath: running.errors)
        try running.process.run()
        return running
    }

    final class Running {
        let process = Process()
        let output: String
        let errors: String

        init(output: String, errors: String) {
            self.output = output
            self.errors = errors
        }

        deinit {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            for file in [output, errors] { try? FileManager.default.removeItem(atPath: file) }
        }

        func finish() throws -> Outcome {
            let deadline = Date.now.addingTimeInterval(50)
            while process.isRunning {
                try #require(Date.now < deadline, "\(process.arguments ?? []) does not end")
                usleep(2000)
            }
            return Outcome(
                status: process.terminationStatus, output: try contents(of: output), errors: try contents(of: errors))
        }
    }

    /// Runs a line of shell, in which `$0` is the program, and gives its status.
    func shell(_ line: String) throws -> Int32 {
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", line, try Self.executable.path]
        shell.currentDirectoryURL = URL(filePath: folder)
        try shell.run()
        shell.waitUntilExit()
        return shell.terminationStatus
    }

    /// Beside the test program.
    static var executable: URL {
        get throws {
            let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let url = URL(filePath: tests).deletingLastPathComponent().appending(path: "espalier")
            try #require(FileManager.default.isExecutableFile(atPath: url.path), "\(url.path) is not built")
            return url
        }
    }

    // Files

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func put(_ text: String, as name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path(name)))
    }

    func text(_ name: String) throws -> String { try contents(of: path(name)) }
    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: path(name))) }
    func json(_ name: String) throws -> ConfigurationValue { try JSON.parse(Array(bytes(name))[...]) }
    func names(in subfolder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(subfolder)).sorted()
    }

    /// A table of two features and a class with a comma in its name, 90 rows, the target in the first column.
    func putClasses(as name: String) throws {
        let rows = (0..<90).map { row in
            let kind = row % 3, noise = Double(row * 37 % 19) / 40
            return "\"kind \(kind), sort of\",\(Double(kind) + noise),\(-Double(kind) + noise)"
        }
        try put((["\"what, exactly\",first,second"] + rows).joined(separator: "\n") + "\n", as: name)
    }

    /// A table of two features and a price in the thousands, 120 rows.
    func putPrices(as name: String) throws {
        let rows = (0..<120).map { row -> String in
            let area = 20 + row * 53 % 180, rooms = 1 + row % 5
            return "\(area),\(rooms),\(1000 * area + 5000 * rooms)"
        }
        try put((["area,rooms,price"] + rows).joined(separator: "\n") + "\n", as: name)
    }
}

func contents(of path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
}

extension ConfigurationValue {
    var keys: [String] { if case .map(let entries) = self { entries.map(\.key) } else { [] } }
    var items: [ConfigurationValue] { if case .list(let items) = self { items } else { [] } }
    var text: String? { if case .string(let text) = self { text } else { nil } }
}

/// The repository's own configuration of the built-in digits.
let digitsConfiguration = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Configurations/digits.yaml").path
