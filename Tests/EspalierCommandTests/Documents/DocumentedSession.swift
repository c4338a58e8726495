import Foundation

/// What a page of the documentation has its reader do: files to write, commands to type, and what they print.
///
/// - A block of code that begins with `$ ` is a session: a line with `$ ` is a command, the lines below it are what it
///   prints on both outputs. `…` on a line of its own stands for lines that are left out.
/// - A block whose paragraph before ends in a name in backquotes and a colon is the content of that file.
struct DocumentedSession {
    struct Step {
        enum Action: Equatable {
            case write(name: String, text: String)
            case run(String)
        }

        var action: Action
        /// The lines of the page that show the output.
        var lines: Range<Int>
        var shown: [String]
    }

    let page: [String]
    private(set) var steps: [Step] = []

    init(_ text: String) {
        page = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var start: Int?
        for (number, line) in page.enumerated() where line.hasPrefix("```") {
            guard let begin = start else {
                start = number + 1
                continue
            }
            start = nil
            if page[begin].hasPrefix("$ ") {
                addSession(begin..<number)
            } else if let name = Self.fileName(page[..<(begin - 1)].last { !$0.isEmpty } ?? "") {
                let text = page[begin..<number].joined(separator: "\n") + "\n"
                steps.append(Step(action: .write(name: name, text: text), lines: begin..<begin, shown: []))
            }
        }
    }

    private mutating func addSession(_ block: Range<Int>) {
        let commands = block.filter { page[$0].hasPrefix("$ ") }
        for (index, command) in commands.enumerated() {
            let output = (command + 1)..<(index + 1 < commands.count ? commands[index + 1] : block.upperBound)
            steps.append(
                Step(action: .run(String(page[command].dropFirst(2))), lines: output, shown: Array(page[output])))
        }
    }

    private static func fileName(_ line: String) -> String? {
        guard line.hasSuffix("`:") else { return nil }
        return line.dropLast(2).split(separator: "`", omittingEmptySubsequences: false).last.map(String.init)
    }

    /// What each step prints and its exit status, all in one shell, so that `cd` and `PATH` hold for what follows.
    ///
    /// - Parameters:
    ///   - folder: Where the shell starts.
    ///   - prelude: What it does before.
    func outputs(in folder: String, prelude: String) throws -> [(lines: [String], status: Int)] {
        // No output of a command can be mistaken for it.
        let mark = "end-\(UUID().uuidString)"
        let script = steps.map { step in
            let command =
                switch step.action {
                case .run(let command): command
                case .write(let name, let text): "cat > \(name) <<'\(mark)'\n\(text)\(mark)"
                }
            return "{ \(command)\n} 2>&1\necho \"\(mark) $?\""
        }
        let shell = Process(), output = Pipe()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", ([prelude] + script).joined(separator: "\n")]
        shell.currentDirectoryURL = URL(filePath: folder)
        shell.standardInput = FileHandle.nullDevice
        shell.standardOutput = output
        try shell.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        shell.waitUntilExit()
        var results: [(lines: [String], status: Int)] = [], lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix(mark) else {
                lines.append(String(line))
                continue
            }
            results.append((lines, Int(line.dropFirst(mark.count + 1)) ?? -1))
            lines = []
        }
        return results
    }

    /// The page with other outputs, each with as many of its lines as were shown.
    func rewritten(_ outputs: [[String]]) -> String {
        var page = page
        for (step, output) in zip(steps, outputs).reversed() {
            if case .run = step.action {
                page.replaceSubrange(step.lines, with: ShownOutput(step.shown).shortened(output))
            }
        }
        return page.joined(separator: "\n")
    }
}
