import EspalierSpec
import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

/// Live pages of runs, for the browsers of this machine alone.
///
/// It reads run folders and changes nothing. Its addresses are names of a list, never paths of files: `/`, `/run/NAME-MARK`,
/// their `/events`, the style sheet and the script.
public final class Dashboard: Sendable {
    private let shelf: RunShelf
    private let list: ListSource
    private let pages = Pages()

    /// The pages of runs that somebody has looked at.
    private actor Pages {
        private var sources: [String: RunSource] = [:]

        func source(of folder: String) -> RunSource {
            if let known = sources[folder] { return known }
            let source = RunSource(folder: folder)
            sources[folder] = source
            return source
        }
    }

    /// - Parameter folders: Runs, or folders that hold runs; without any, `runs`.
    /// - Throws: `EspalierError` where one is missing.
    public init(_ folders: [String]) throws {
        shelf = folders.isEmpty ? RunShelf() : try RunShelf(folders)
        list = ListSource(shelf)
    }

    /// Where the pages are found unless another port is asked for.
    public static let standardPort = 8642

    /// Serves the pages on 127.0.0.1 until told to end.
    ///
    /// - Parameters:
    ///   - port: 0 takes one that is free.
    ///   - opened: Told the address once it answers.
    ///   - isAsked: Asked some ten times a second: whether to end.
    /// - Throws: `EspalierError` where the port is taken or not allowed.
    public func serve(
        port: Int, opened: @Sendable (String) -> Void, until isAsked: @Sendable () -> Bool
    ) async throws {
        guard let number = UInt16(exactly: port) else {
            throw EspalierError(
                "\(port) is no port", at: "--port", expected: "a whole number from 0 to 65535", fix: "--port 0")
        }
        let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: number), logger: .disabled)
        await server.appendRoute("*") { [self] request in await respond(to: request) }
        let failure = Mutex<(any Error)?>(nil)
        let serving = Task {
            do { try await server.run() } catch { failure.withLock { $0 = error } }
        }
        defer { serving.cancel() }
        var isOpen = false
        while !isAsked() {
            if let error = failure.withLock(\.self) {
                guard case SocketError.failed(_, let code, _) = error else { throw error }
                throw Self.refused(port, code)
            }
            if !isOpen, await server.isListening {
                isOpen = true
                opened("http://127.0.0.1:\(await Self.port(of: server) ?? port)/")
            }
            try await Task.sleep(for: .milliseconds(isOpen ? 100 : 5))
        }
        await server.stop()
    }

    private static func port(of server: HTTPServer) async -> Int? {
        guard case .ip4(_, let port)? = await server.listeningAddress else { return nil }
        return Int(port)
    }

    private static func refused(_ port: Int, _ code: Int32) -> EspalierError {
        code == EADDRINUSE
            ? EspalierError(
                "port \(port) is in use", at: "--port", expected: "a port that no other program listens on",
                fix:
                    "end that program, or take another: --port \(port < 65_535 ? port + 1 : standardPort); --port 0 finds one"
            )
            : EspalierError(
                "port \(port) cannot be listened on: \(String(cString: strerror(code)))", at: "--port",
                expected: "a port that this user may take, such as \(standardPort)", fix: "--port 0 finds one")
    }
}

extension Dashboard {
    /// The answer to any request at all.
    func respond(to request: HTTPRequest) async -> HTTPResponse {
        // A name that an attacker's server resolves to this machine is none of ours.
        guard let host = request.headers[.host], Self.isLoopback(host) else {
            return Self.refusal(.forbidden, "This page is there for this machine alone, as http://127.0.0.1.")
        }
        guard request.method == .GET else {
            return Self.refusal(.methodNotAllowed, "This page only looks: GET is all there is.", allow: "GET")
        }
        let path = request.target.path().split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        switch path.map(String.init) {
        case [""]: return await page(list, title: "Runs", brand: "runs", events: "/events")
        case ["events"]: return Self.stream(of: list, from: request)
        case ["dashboard.css"]:
            return Self.response(Theme.styleSheet + Theme.liveRules, type: "text/css")
        case ["dashboard.js"]:
            return Self.response(Script.text + "\n" + LiveScript.text, type: "text/javascript")
        case let parts where parts.count == 2 && parts[0] == "run":
            guard let source = await source(of: parts[1]) else { break }
            return await page(source, title: await source.name, brand: "live", events: "/run/\(parts[1])/events")
        case let parts where parts.count == 3 && parts[0] == "run" && parts[2] == "events":
            guard let source = await source(of: parts[1]) else { break }
            return Self.stream(of: source, from: request)
        default: break
        }
        return Self.refusal(.notFound, "There is no such page; the runs are at /.")
    }

    private func source(of id: String) async -> RunSource? {
        guard let folder = await list.folder(of: id) else { return nil }
        return await pages.source(of: folder)
    }

    private func page(_ source: some LiveSource, title: String, brand: String, events: String) async -> HTTPResponse {
        let (html, version) = await source.whole()
        let page = document(
            title: "\(title) · Espalier", brand: brand,
            footer: "Read from the run folders on this machine as they grow.",
            resources: (style: "/dashboard.css", script: "/dashboard.js")
        ) {
            tag("main", ["data-events": events, "data-version": version]) { Markup.verbatim(html) }
        }
        return Self.response(page.html, type: "text/html")
    }

    /// Whether a request was meant for this machine, by any port: a tunnel may have another one.
    static func isLoopback(_ host: String) -> Bool {
        var name = host[...]
        if let colon = name.lastIndex(of: ":"), name[colon...].dropFirst().allSatisfy(\.isNumber) {
            name = name[..<colon]
        }
        return ["127.0.0.1", "localhost", "[::1]"].contains(name.lowercased())
    }

    private static func stream(of source: some LiveSource, from request: HTTPRequest) -> HTTPResponse {
        let asked = request.headers[HTTPHeader("Last-Event-ID")] ?? request.query.first { $0.name == "since" }?.value
        let changes = Listener(source, version: asked ?? "")
        let stream = EventStream { isFirst in try await changes.next(isFirst: isFirst) }
        return HTTPResponse(
            statusCode: .ok, headers: headers(type: "text/event-stream"),
            body: HTTPBodySequence(from: stream, suggestedBufferSize: 1 << 16))
    }

    /// One browser that listens to a page.
    private actor Listener {
        private let source: any LiveSource
        private var version: String

        init(_ source: any LiveSource, version: String) {
            self.source = source
            self.version = version
        }

        /// The next changes; a comment every now and then, without which nobody would notice that the browser is gone.
        func next(isFirst: Bool) async throws -> [UInt8] {
            if isFirst { return Array("retry: 2000\n\n".utf8) }
            for _ in 0..<20 {
                if let (events, version) = await source.changes(since: version) {
                    self.version = version
                    return Array(events.utf8)
                }
                try await Task.sleep(for: .milliseconds(500))
            }
            return Array(": still here\n\n".utf8)
        }
    }

    private static func response(_ text: String, type: String) -> HTTPResponse {
        HTTPResponse(statusCode: .ok, headers: headers(type: type), body: Data(text.utf8))
    }

    private static func refusal(_ status: HTTPStatusCode, _ text: String, allow: String? = nil) -> HTTPResponse {
        var headers = headers(type: "text/plain")
        if let allow { headers[HTTPHeader("Allow")] = allow }
        return HTTPResponse(statusCode: status, headers: headers, body: Data((text + "\n").utf8))
    }

    /// Nothing is taken from elsewhere, shown elsewhere or kept.
    private static func headers(type: String) -> HTTPHeaders {
        [
            .contentType: "\(type); charset=utf-8",
            HTTPHeader("Content-Security-Policy"):
                "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            HTTPHeader("X-Content-Type-Options"): "nosniff", HTTPHeader("Referrer-Policy"): "no-referrer",
            HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin", HTTPHeader("Cache-Control"): "no-store",
        ]
    }
}
