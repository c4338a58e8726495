import EspalierSpec
import Foundation
import FoundationNetworking
import Testing

@Suite struct DashboardCommandTests {
    /// A dashboard that answers, and where.
    private func start(_ espalier: Command, _ arguments: [String]) throws -> (running: Command.Running, url: URL) {
        let running = try espalier.start(["dashboard"] + arguments + ["--json"])
        let deadline = Date.now.addingTimeInterval(30)
        while true {
            let errors = try contents(of: running.errors)
            try #require(Date.now < deadline && running.process.isRunning, "\(errors)")
            let said = try? JSON.parse(Array(contents(of: running.output).utf8)[...])
            if let address = said?["dashboard"]?.text { return (running, try #require(URL(string: address))) }
            usleep(2000)
        }
    }

    @Test func showsTheRunsUntilItIsToldToEnd() async throws {
        let espalier = try Command()
        #expect(try espalier("train", "digits", "--set", "training.epochs=1", "--quiet").status == 0)
        let (running, url) = try start(espalier, ["--port", "0"])
        let (list, _) = try await URLSession.shared.data(from: url)
        let text = String(decoding: list, as: UTF8.self)
        #expect(text.contains("1 run, none of them going on.") && text.contains("after 1 epoch."))
        let address = try #require(text.firstMatch(of: /href="(\/run\/[^"]+)"/)?.1)
        let (run, _) = try await URLSession.shared.data(
            from: try #require(URL(string: String(address), relativeTo: url)))
        #expect(String(decoding: run, as: UTF8.self).contains("data-plot=\"loss\""))
        // A second one is told that the port is taken.
        let port = try #require(url.port)
        let refused = try espalier("dashboard", "--port", "\(port)")
        #expect(refused.status == 2 && refused.errors.contains("port \(port) is in use"))
        #expect(refused.errors.contains("--port 0 finds one"))
        kill(running.process.processIdentifier, SIGINT)
        let outcome = try running.finish()
        #expect(outcome.status == 0 && outcome.errors.contains("dashboard: ended"))
    }

    @Test func aMissingFolderIsNamed() throws {
        let outcome = try Command()("dashboard", "nowhere")
        #expect(outcome.status == 2 && outcome.errors.contains("nowhere") && outcome.errors.contains("no such folder"))
    }

    @Test func severalReportsComeWithTheirComparison() throws {
        let espalier = try Command()
        for rate in ["0.01", "0.001"] {
            let settings = ["--set", "training.epochs=1", "--set", "optimizer.adam.learningRate=\(rate)", "--quiet"]
            #expect(try espalier.run(["train", "digits"] + settings).status == 0)
        }
        let outcome = try espalier("report", "runs/digits-1", "runs/digits-2", "--json")
        #expect(try outcome.json["reports"]?.items.count == 2)
        #expect(try outcome.json["comparison"]?.text?.hasSuffix("runs/comparison.html") == true)
        let page = try espalier.text("runs/comparison.html")
        #expect(page.contains("optimizer.adam.learningRate") && page.contains("./digits-2/report.html"))
        #expect(try espalier("report", "runs/digits-1", "runs/digits-2", "--out", "both.html").status == 0)
        #expect(try espalier.text("both.html").contains("./runs/digits-2/report.html"))
        let single = try espalier("report", "runs/digits-1", "--out", "one.html")
        #expect(single.status == 2 && single.errors.contains("expected at least two runs"))
    }
}
