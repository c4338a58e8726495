import EspalierGraph
import EspalierSpec
import EspalierTestSupport
import FlyingFox
import Foundation
import FoundationXML
import Synchronization
import Testing

@testable import EspalierReport

@Suite struct DashboardTests {
    private func request(
        _ target: String, host: String? = "127.0.0.1:8642", method: HTTPMethod = .GET, headers: HTTPHeaders = [:]
    ) -> HTTPRequest {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var headers = headers
        if let host { headers[.host] = host }
        return HTTPRequest(
            method: method, version: .http11,
            target: HTTPRequest.Target(path: parts[0], query: parts.count > 1 ? parts[1] : ""), headers: headers,
            body: HTTPBodySequence())
    }

    private func text(_ response: HTTPResponse) async throws -> String {
        String(decoding: try await response.bodyData, as: UTF8.self)
    }

    /// A dashboard of a folder with two runs, one of them among files that no page may show.
    private func withDashboard(_ body: (Dashboard, URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try SampleRun(name: "<b>&\"first\"</b>").write(to: folder.appendingPathComponent("first"))
        try SampleRun(name: "second", status: nil, diagnosis: SampleRun.diagnosis)
            .write(to: folder.appendingPathComponent("study/second run"))
        try Data("secret".utf8).write(to: folder.appendingPathComponent("secret.txt"))
        try await body(try Dashboard([folder.path]), folder)
    }

    private func parsed(_ html: String) throws -> XMLElement {
        let document = try XMLDocument(xmlString: String(html.drop { $0 != "\n" }), options: [])
        return try #require(document.rootElement())
    }

    @Test func theListHasTheRunsAndTheWaysToThem() async throws {
        try await withDashboard { dashboard, _ in
            let response = await dashboard.respond(to: request("/"))
            #expect(response.statusCode == .ok)
            let page = try parsed(try await text(response))
            let links = try page.nodes(forXPath: "//article//a")
            #expect(Set(links.compactMap(\.stringValue)) == ["<b>&\"first\"</b>", "second"])
            let statuses = try page.nodes(forXPath: "//article//span").compactMap(\.stringValue)
            #expect(statuses.contains("Stopped early") && statuses.contains("Not finished"))
            #expect(try page.nodes(forXPath: "//p[@class='findings']").map(\.stringValue) == ["Dying ReLU"])
            for address in try page.nodes(forXPath: "//article//a/@href").compactMap(\.stringValue) {
                let run = await dashboard.respond(to: request(address))
                let runPage = try parsed(try await text(run))
                #expect(try runPage.nodes(forXPath: "//svg[@data-plot='loss']").count == 4)
                #expect(try runPage.nodes(forXPath: "//main/@data-events").map(\.stringValue) == ["\(address)/events"])
            }
        }
    }

    /// The pages load their own style sheet and script, and are told to load nothing else.
    @Test func nothingIsLoadedFromElsewhere() async throws {
        try await withDashboard { dashboard, _ in
            let response = await dashboard.respond(to: request("/"))
            let html = try await text(response)
            #expect(!html.contains("http://") && !html.contains("https://"))
            let page = try parsed(html)
            #expect(try page.nodes(forXPath: "//link/@href").map(\.stringValue) == ["/dashboard.css", "data:,"])
            #expect(try page.nodes(forXPath: "//script/@src").map(\.stringValue) == ["/dashboard.js"])
            #expect(response.headers[HTTPHeader("Content-Security-Policy")]?.hasPrefix("default-src 'none'") == true)
            for (address, type) in [("/dashboard.css", "text/css"), ("/dashboard.js", "text/javascript")] {
                let resource = await dashboard.respond(to: request(address))
                #expect(resource.headers[.contentType]?.hasPrefix(type) == true)
                let code = try await text(resource)
                #expect(!code.contains("http:") && !code.contains("https:") && !code.contains("@import"))
            }
        }
    }

    @Test(arguments: [
        nil, "", "evil.example", "127.0.0.1.evil.example:8642", "127.0.0.1:80@evil.example", "10.0.0.1:8642", "[::2]",
    ])
    func anotherHostIsRefused(_ host: String?) async throws {
        try await withDashboard { dashboard, _ in
            for address in ["/", "/events", "/dashboard.js", "/nothing"] {
                let response = await dashboard.respond(to: request(address, host: host))
                // The body of a stream that was let through has no end.
                try #require(response.statusCode == .forbidden)
                let said = try await text(response)
                #expect(!said.contains("first"))
            }
        }
    }

    @Test(arguments: ["127.0.0.1", "localhost", "LOCALHOST:1", "[::1]:8642", "[::1]"]) func thisMachineIsServed(
        _ host: String
    ) {
        #expect(Dashboard.isLoopback(host))
    }

    @Test(arguments: [HTTPMethod.POST, .PUT, .DELETE, .HEAD, HTTPMethod("BREW")]) func itOnlyLooks(_ method: HTTPMethod)
        async throws
    {
        try await withDashboard { dashboard, _ in
            let response = await dashboard.respond(to: request("/", method: method))
            #expect(response.statusCode == .methodNotAllowed)
            #expect(response.headers[HTTPHeader("Allow")] == "GET")
        }
    }

    /// Whatever is asked for: an answer, and never a file.
    @Test func noAddressLeadsOutOfTheList() async throws {
        try await withDashboard { dashboard, folder in
            let id = RunShelf.id(of: folder.appendingPathComponent("first").path)
            let seeds = [
                "/run/\(id)", "/run/\(id)/events?since=1-2", "/../secret.txt", "/run/../../secret.txt",
                "/run/%2e%2e/secret.txt",
                "/run/\(id)/../../secret.txt", "//etc/passwd", "/dashboard.css/../secret.txt",
                folder.path + "/secret.txt",
                "/run/\(id)/config.yaml", "/events?since=", "*", "", "http://127.0.0.1/secret.txt",
            ]
            var random = RandomStream(seed: 9, "dashboard paths")
            var found = 0
            for number in 0..<Fuzzing.count / 3 {
                var target = seeds[number % seeds.count]
                if number >= seeds.count {
                    let damaged = random.damage(Array(target.utf8), with: "/.%2e\\?&=-:\0 \r\nrunevts")
                    target = String(decoding: damaged, as: UTF8.self)
                }
                let response = await dashboard.respond(to: request(target))
                guard response.statusCode == .ok, !target.contains("events") else {
                    #expect([.ok, .notFound].contains(response.statusCode))
                    continue
                }
                found += 1
                let said = try await text(response)
                #expect(!said.contains("secret"))
            }
            #expect(found > 0)
        }
    }

    /// A browser is told what it lacks, and only that.
    @Test func changesArriveAsEvents() async throws {
        try await withDashboard { dashboard, folder in
            let id = RunShelf.id(of: folder.appendingPathComponent("study/second run").path)
            let html = try await text(await dashboard.respond(to: request("/run/\(id)")))
            let page = try parsed(html)
            let version = try #require(try page.nodes(forXPath: "//main/@data-version").first?.stringValue)
            let response = await dashboard.respond(to: request("/run/\(id)/events?since=\(version)"))
            #expect(response.headers[.contentType]?.hasPrefix("text/event-stream") == true)
            guard case .httpBody(let body) = response.payload else { return #expect(Bool(false)) }
            var iterator = body.makeAsyncIterator()
            // In chunks, as HTTP has them.
            #expect(String(decoding: try await iterator.next() ?? Data(), as: UTF8.self).contains("retry: 2000"))
            let log = folder.appendingPathComponent("study/second run/events.jsonl")
            let handle = try FileHandle(forWritingTo: log)
            try handle.seekToEnd()
            try handle.write(
                contentsOf: Data(
                    #"{"event":"epoch","step":500,"epoch":25,"train":{"loss":0.4},"validation":{"loss":0.5}}"#.utf8 + [
                        10
                    ]))
            try handle.close()
            var received = ""
            while !received.contains("\nid: ") {
                received += String(decoding: try #require(try await iterator.next()), as: UTF8.self)
            }
            #expect(received.contains("event: slot\ndata: head\n") && received.contains("25 epochs so far"))
            #expect(received.contains("data: learning-0\n") && !received.contains("data: setup-0\n"))
            #expect(!received.contains("event: whole"))
            // A browser that was away goes on from where it was.
            let again = await dashboard.respond(
                to: request("/run/\(id)/events?since=\(version)", headers: [HTTPHeader("Last-Event-ID"): "another-3"]))
            guard case .httpBody(let rest) = again.payload else { return #expect(Bool(false)) }
            var other = rest.makeAsyncIterator()
            _ = try await other.next()
            #expect(String(decoding: try await other.next() ?? Data(), as: UTF8.self).contains("event: whole"))
        }
    }

    @Test func theServerIsThereForThisMachineAndEndsWhenTold() async throws {
        try await withDashboard { dashboard, _ in
            let address = Mutex("")
            let isAsked = Mutex(false)
            let serving = Task {
                try await dashboard.serve(
                    port: 0, opened: { url in address.withLock { $0 = url } }, until: { isAsked.withLock { $0 } })
            }
            while address.withLock(\.isEmpty) { try await Task.sleep(for: .milliseconds(5)) }
            let url = try #require(URL(string: address.withLock(\.self)))
            #expect(url.host() == "127.0.0.1")
            let port = try #require(url.port)
            // The port is taken now.
            let error = try await #require(throws: EspalierError.self) {
                try await Dashboard([FileManager.default.temporaryDirectory.path])
                    .serve(port: port, opened: { _ in }, until: { false })
            }
            #expect(error.what == "port \(port) is in use" && error.location == "--port")
            #expect(error.fix?.contains("--port \(port + 1)") == true)
            isAsked.withLock { $0 = true }
            try await serving.value
        }
    }

    @Test func aMissingFolderOrPortIsNamed() async throws {
        let missing = try #require(throws: EspalierError.self) { try Dashboard(["/nowhere/at/all"]) }
        #expect(missing.location == "/nowhere/at/all")
        let port = try await #require(throws: EspalierError.self) {
            try await Dashboard([]).serve(port: 70_000, opened: { _ in }, until: { true })
        }
        #expect(port.what == "70000 is no port")
    }

    /// Runs in folders of folders are found, each once; what a link leads to is not.
    @Test func runsAreFoundWhereTheyAre() throws {
        try withFolder { folder in
            for path in [
                "a/events.jsonl", "b/c/events.jsonl", "b/c/repair/events.jsonl", "1/2/3/events.jsonl",
                "1/2/3/4/x/events.jsonl", ".hidden/events.jsonl",
            ] {
                let file = folder.appendingPathComponent(path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data().write(to: file)
            }
            try FileManager.default.createSymbolicLink(atPath: folder.path + "/loop", withDestinationPath: folder.path)
            let runs = try RunShelf([folder.path + "/a", folder.path]).runs()
            #expect(runs.map { $0.dropFirst(folder.path.count) } == ["/a", "/1/2/3", "/b/c"])
            #expect(Set(runs.map(RunShelf.id)).count == 3)
            #expect(RunShelf.id(of: "x/A run?") == RunShelf.id(of: "./x/A run?"))
            #expect(RunShelf.id(of: "x/A run?").hasPrefix("A-run--"))
        }
        #expect(RunShelf().runs().isEmpty || FileManager.default.fileExists(atPath: "runs"))
    }
}
