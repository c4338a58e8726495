import EspalierEngine
import EspalierSpec
import Foundation
import Testing

/// `train --profile`, and how many threads the command takes.
@Suite struct ProfileCommandTests {
    private let short = ["train", "digits", "--set", "training.epochs=2", "--set", "doctor.probeEvery=7"]

    @Test func aProfileIsPrintedAndWritten() throws {
        let espalier = try Command()
        let plain = try espalier.run(short + ["--quiet", "--out", "plain"])
        #expect(plain.status == 0 && plain.output.isEmpty)
        let outcome = try espalier.run(short + ["--profile", "--out", "timed"])
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        #expect(try espalier.bytes("plain/best.safetensors") == espalier.bytes("timed/best.safetensors"))
        let added = Set(try espalier.names(in: "timed")).subtracting(try espalier.names(in: "plain"))
        #expect(added == ["profile.json", "trace.json"])

        let profile = try JSONDecoder().decode(Profile.self, from: espalier.bytes("timed/profile.json"))
        #expect(outcome.output.contains(profile.description))
        #expect(profile.name == "train, batch of 64" && profile.peak.threads == Processors.usable)
        #expect(abs(profile.kernels.reduce(0) { $0 + $1.share } - 1) < 1e-9)
        #expect(profile.kernels.allSatisfy { $0.seconds >= 0 && $0.shareOfPeak.isFinite })
        let trace = try espalier.json("timed/trace.json")
        #expect(trace["traceEvents"]?.items.count == 2 + profile.steps * (1 + profile.kernels.count))
        #expect(try espalier.text("timed/report.html").contains("<h2>Plan</h2>"))
        #expect(try !espalier.text("plain/report.html").contains("<h2>Plan</h2>"))
        #expect(try espalier("train", "digits", "--profile", "--out", "timed").status == 2)
    }

    @Test func theEnvironmentAsksToo() throws {
        let espalier = try Command()
        let line = "'\(short.joined(separator: "' '"))' --threads 1 --quiet"
        #expect(try espalier.shell("ESPALIER_PROFILE=1 \"$0\" \(line) --out one > table") == 0)
        #expect(try espalier.text("table").hasPrefix("train, batch of 64: "))
        #expect(try espalier.names(in: "one").contains("trace.json"))
        #expect(try espalier.shell("ESPALIER_PROFILE=0 \"$0\" \(line) --out two > table") == 0)
        #expect(try espalier.text("table").isEmpty && !espalier.names(in: "two").contains("trace.json"))
    }

    @Test func standardOutputStaysJSON() throws {
        let espalier = try Command()
        let outcome = try espalier.run(short + ["--profile", "--json"])
        #expect(try outcome.json["status"] == "completed" && outcome.errors.contains("kernels, medians of"))
    }

    @Test(arguments: ["0", "-1", "two", "1.5", "1000000"]) func threadsThatCannotBe(_ threads: String) throws {
        let outcome = try Command()("train", "digits", "--threads=\(threads)")
        #expect(outcome.status == 2 && outcome.errors.contains("--threads"), "\(outcome.errors)")
        if Int(threads) != nil {
            #expect(
                outcome.errors.contains(
                    "--threads is \(threads); expected a whole number from 1 to \(Processors.allowed), "))
        }
    }

    @Test(arguments: 1...min(3, Processors.allowed)) func anyNumberOfThreads(_ threads: Int) throws {
        let espalier = try Command()
        #expect(try espalier.run(short + ["--threads", "\(threads)", "--out", "run"]).status == 0)
        #expect(try espalier.text("run/events.jsonl").contains("\"threads\":\(threads),"))
    }

    @Test func affinityIsHonoured() throws {
        let espalier = try Command()
        let processor = try #require(
            contents(of: "/proc/self/status").split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }?
                .split(whereSeparator: { !$0.isNumber }).first)
        let line = "'\(short.joined(separator: "' '"))' --quiet --out run"
        #expect(try espalier.shell("command -v taskset > found || true") == 0)
        guard try !espalier.text("found").isEmpty else { return }
        #expect(try espalier.shell("taskset -c \(processor) \"$0\" \(line)") == 0)
        #expect(try espalier.text("run/events.jsonl").contains("\"threads\":1,"))
        #expect(try espalier.shell("taskset -c \(processor) \"$0\" \(line) --threads 2 2> error") == 2)
        #expect(try espalier.text("error").contains("expected a whole number from 1 to 1, "))
    }
}
