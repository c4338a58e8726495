import Foundation
import Testing

/// Pages whose commands are carried out, in a checkout's folder, and print what the pages show.
///
/// `ESPALIER_WRITE_PAGES=1` writes what they print into the pages instead.
@Suite struct DocumentTests {
    @Test(arguments: ["docs/first-steps.md"])
    func aPageShowsWhatItsCommandsPrint(_ name: String) throws {
        let path = repository.appending(path: name).path
        let page = DocumentedSession(try contents(of: path))
        try #require(page.steps.count > 1, "\(name) has no commands")
        let espalier = try Command()
        try checkOut(in: espalier)
        let checkout = espalier.path("Espalier")
        let outputs = try page.outputs(in: checkout, prelude: Self.prelude)
        try #require(outputs.count == page.steps.count, "the shell ended early")
        let home = URL(filePath: espalier.folder).resolvingSymlinksInPath().path
        let lines = outputs.map { output in output.lines.map { $0.replacing(home, with: "/home/ada") } }
        if ProcessInfo.processInfo.environment["ESPALIER_WRITE_PAGES"] != nil {
            try page.rewritten(lines).write(toFile: path, atomically: true, encoding: .utf8)
            return
        }
        for (index, step) in page.steps.enumerated() {
            let isMistake = step.shown.contains { $0.lowercased().hasPrefix("error: ") }
            #expect(
                (outputs[index].status != 0) == isMistake,
                "\(step.action) ends with \(outputs[index].status): \(lines[index].suffix(5))")
            let difference = ShownOutput(step.shown).difference(from: lines[index])
            #expect(
                difference == nil,
                "\(name):\(step.lines.lowerBound): \(step.action)\nshown:   \(difference?.shown ?? "")\nprinted: \(difference?.printed ?? "")"
            )
        }
    }

    /// Every command that the README's table names does its work.
    @Test func theCommandsOfTheReadmeWork() throws {
        let readme = try contents(of: repository.appending(path: "README.md").path)
        let commands = readme.matches(of: /(?m)^\| `espalier ([^`]*)` \|/).map { String($0.output.1) }
        #expect(commands.count >= 15)
        let espalier = try Command()
        try espalier.putPrices(as: "prices.csv")
        try espalier.put(Self.prices, as: "prices.yaml")
        #expect(try espalier("train", "prices.yaml", "--out", "run", "--quiet").status == 0)
        let values = [
            "CONFIG": "prices.yaml", "CONFIG\\|RUN": "run", "RUN": "run", "DATA": "prices.csv", "[DATA]": "prices.csv",
            "SOURCE": "wine", "KIND": "layers", "RUN…": "run", "NAME…": "gradientCheck", "[RUN…]": "--help",
        ]
        for command in commands {
            let words = command.split(separator: " ").map { values[String($0)] ?? String($0) }
            let outcome = try espalier.run(words)
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
        }
    }

    private static let prices = """
        data: {source: prices.csv, targetScale: standard}
        model: [{linear: {units: 4}}, relu, {linear: {units: auto}}]
        training: {epochs: 3, batchSize: 16}
        search: {trials: 2, ranges: {training.batchSize: {choice: [8, 16]}}}
        assessment: {seeds: 2, bootstraps: 5}
        """

    private var repository: URL { URL(filePath: #filePath).appending(path: "../../../..").standardized }

    /// What is in a checkout that was built, as far as a page needs it.
    private func checkOut(in espalier: Command) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: espalier.path("Espalier/.build"), withIntermediateDirectories: true)
        for name in ["Makefile", "Configurations", "Scripts", "docs", ".deps"] {
            guard files.fileExists(atPath: repository.appending(path: name).path) else { continue }
            try files.createSymbolicLink(
                atPath: espalier.path("Espalier/\(name)"), withDestinationPath: repository.appending(path: name).path)
        }
        try files.createSymbolicLink(
            atPath: espalier.path("Espalier/.build/release"),
            withDestinationPath: Command.executable.deletingLastPathComponent().path)
    }

    /// Of `make` only what follows the build is carried out: the last line of the recipe, on one thread, as other tests take
    /// theirs at the same time.
    private static let prelude = """
        unset MAKEFLAGS MAKELEVEL ESPALIER_DATA
        make() {
            line=$(command make -n "$1" | tail -n 1)
            echo "$line"
            eval "$line --threads 1"
        }
        """
}
