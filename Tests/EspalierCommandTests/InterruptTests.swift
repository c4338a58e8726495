import EspalierSpec
import EspalierTraining
import Foundation
import Testing

@Suite struct InterruptTests {
    /// A training that nobody waits the end of.
    private func start(_ espalier: Command, split: String = "{}") throws -> Command.Running {
        let running = try espalier.start([
            "train", digitsConfiguration, "--set", "training.epochs=1000000", "--set", "callbacks=[]", "--set",
            "data.split=\(split)",
        ])
        let log = espalier.path("runs/digits-1/events.jsonl")
        let deadline = Date.now.addingTimeInterval(30)
        while !((try? contents(of: log).contains("\"event\":\"epoch\"")) ?? false) {
            try #require(Date.now < deadline && running.process.isRunning)
            usleep(2000)
        }
        return running
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func keepsTheBestWeights(_ signal: Int32) throws {
        let espalier = try Command()
        let running = try start(espalier)
        kill(running.process.processIdentifier, signal)
        let outcome = try running.finish()
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("runs/digits-1 has the weights of epoch "))
        let summary = try espalier.json("runs/digits-1/summary.json")
        #expect(summary["status"] == "interrupted")
        #expect(try espalier.names(in: "runs/digits-1").count == 9)
        let scores = try espalier("evaluate", "runs/digits-1", "--json").json
        #expect(scores["validation"] == summary["best"]?["validation"])
    }

    /// Nobody reads the progress, or nobody could: the training is none the worse for it.
    @Test(arguments: [
        "\"$0\" train digits --set training.epochs=200 --out run 2> said | head -n 1 > first",
        "\"$0\" train digits --set training.epochs=3 --out run >&- 2>&-",
        "\"$0\" train digits --set training.epochs=3 --out run <&- >&-",
    ]) func goesOnUnread(_ line: String) throws {
        let espalier = try Command()
        _ = try espalier.shell(line)
        #expect(try espalier.json("run/summary.json")["status"] == "completed")
        #expect(try espalier.names(in: "run").contains("report.html"))
        let log = try EventLog.read(espalier.path("run/events.jsonl"))
        #expect(log.badLines.isEmpty && !log.endsTorn)
    }

    @Test func withoutValidationTheLastWeightsAreThoseOfNoEpoch() throws {
        let espalier = try Command()
        let running = try start(espalier, split: "{train: 0.8, validation: none, test: 0.2}")
        kill(running.process.processIdentifier, SIGINT)
        #expect(try running.finish().errors.contains("runs/digits-1 has the weights of step "))
        #expect(try espalier.json("runs/digits-1/summary.json")["best"] == .null)
    }

    @Test func theSecondTimeEndsAtOnce() throws {
        let espalier = try Command()
        let running = try start(espalier)
        // Both are there before the program runs on.
        let process = running.process.processIdentifier
        kill(process, SIGSTOP)
        kill(process, SIGINT)
        kill(process, SIGTERM)
        kill(process, SIGCONT)
        #expect(try running.finish().status >= 128)
    }
}

/// On a terminal lines are overwritten.
@Suite struct TerminalTests {
    @Test func showsABar() throws {
        let espalier = try Command()
        let (primary, replica) = try terminal()
        let process = Process()
        process.executableURL = try Command.executable
        process.arguments = ["train", digitsConfiguration, "--set", "training.epochs=400", "--set", "callbacks=[]"]
        process.currentDirectoryURL = URL(filePath: espalier.folder)
        process.standardOutput = FileHandle(fileDescriptor: replica)
        try process.run()
        close(replica)
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(primary, &buffer, buffer.count)
            guard count > 0 else { break }
            output += buffer[..<count]
        }
        close(primary)
        process.waitUntilExit()
        let text = String(decoding: output, as: UTF8.self)
        #expect(process.terminationStatus == 0)
        #expect(
            text.contains(
                #/\r\x1B\[K\x1B\[\?7lepoch \d+/400 [█░]{24} \d+/20  loss [0-9.e-]+  \d+ steps/s  \d+:\d\d left/#))
        #expect(text.contains(#/\r\x1B\[Kepoch 400/400  train loss /#))
    }

    /// A pair of ends of a new terminal.
    private func terminal() throws -> (primary: Int32, replica: Int32) {
        let primary = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(primary >= 0)
        // <asm/ioctls.h>; the C library's own functions for this are not in its Swift module.
        let setLock = UInt(0x4004_5431), getNumber = UInt(0x8004_5430)
        var isLocked: Int32 = 0, number: Int32 = 0
        let code = ioctl(primary, setLock, &isLocked) + ioctl(primary, getNumber, &number)
        try #require(code == 0)
        let replica = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        try #require(replica >= 0)
        return (primary, replica)
    }
}
