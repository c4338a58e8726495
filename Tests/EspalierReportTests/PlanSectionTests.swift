import EspalierEngine
import EspalierGraph
import EspalierSpec
import Foundation
import FoundationXML
import Testing

@testable import EspalierReport

/// The part of the report that shows a step's kernels, from a `profile.json` as the engine makes it.
@Suite struct PlanSectionTests {
    private func profile() throws -> Profile {
        let x = Tensor.input("x", [16, 8]), w = Tensor.input("w", [8, 8])
        let y = x.matmul(w).softmax()
        let executable = try Engine(threads: 1).compile(Computation(inputs: [x, w], outputs: [y, y.sum()]))
        let peak = MachinePeak(
            threads: 2, operationsPerSecond: 1e11,
            bandwidths: [.init(bytes: 1000, bytesPerSecond: 5e10), .init(bytes: 1_000_000, bytesPerSecond: 2e10)])
        return try executable.profile(steps: 4, name: "train, batch of 16", peak: peak)
    }

    /// The report of a run with that profile.
    private func page(_ profile: Profile?, status: String? = "completed") throws -> (html: String, root: XMLElement) {
        try withFolder { folder in
            try SampleRun(status: status).write(to: folder)
            let file = folder.appendingPathComponent("profile.json")
            if let profile { try JSONEncoder().encode(profile).write(to: file) }
            let html = try String(contentsOfFile: Report.write(folder: folder.path), encoding: .utf8)
            let document = try XMLDocument(xmlString: String(html.drop { $0 != "\n" }), options: [])
            return (html, try #require(document.rootElement()))
        }
    }

    private func texts(_ page: XMLElement, _ path: String) throws -> [String] {
        try page.nodes(forXPath: path).map { $0.stringValue ?? "" }
    }

    @Test func everyKernelHasARow() throws {
        var profile = try profile()
        profile.kernels[0].seconds = 12.3e-6
        profile.kernels[0].share = 0.25
        profile.kernels[0].shareOfPeak = 0.5
        let (_, page) = try page(profile)
        #expect(try texts(page, "//section/h2").contains("Plan"))
        let rows = try page.nodes(forXPath: "//tbody[@id='kernels']/tr")
        #expect(rows.count == profile.kernels.count && rows.count >= 2)
        let cells = try texts(page, "//tbody[@id='kernels']/tr[1]/td")
        #expect(cells.count == 9 && cells[0] == "0" && cells[8] == "16 × 8")
        let operations: Double = 2048
        #expect(cells[6] == Format.number(operations / 12.3e-6 * 1e-9))
        #expect(cells[2] == "12.3 µs" && cells[3] == "25.0%" && cells[5] == "50.0%")
        #expect(cells[1].contains("matrix product") && cells[1].contains("float32[16, 8] of x"))
        let indices = try texts(page, "//tbody[@id='kernels']/tr/@data-index").compactMap(Int.init)
        #expect(indices == Array(profile.kernels.indices))
        let kinds = try texts(page, "//div[h3='Time by kind of kernel']//tbody/tr/td[1]")
        #expect(Set(kinds) == Set(profile.kernels.map(\.kind)))
        let facts = try texts(page, "//div[h3='Step and machine']//dd")
        for part in ["of 100 Gflop/s", "20 GB/s", Format.bytes(profile.arenaBytes), "on 2 threads"] {
            #expect(facts.contains { $0.contains(part) }, "\(part)")
        }
    }

    @Test func aRunWithoutAProfileHasNoSuchSection() throws {
        let (html, page) = try page(nil)
        #expect(try !texts(page, "//section/h2").contains("Plan"))
        #expect(!html.contains("data-orders="))
    }

    /// An unfinished run is one too; names with markup stay text; ids stay unique.
    @Test func namesNeverBecomeMarkup() throws {
        var profile = try profile()
        profile.name = "</p><script>"
        profile.kernels[0].name = "<b>x</b>"
        profile.kernels[0].operands = ["<i>&", "]]>"]
        let (_, page) = try page(profile, status: nil)
        #expect(try page.nodes(forXPath: "//td//b | //dd//i").isEmpty)
        #expect(try texts(page, "//tbody[@id='kernels']/tr[1]//small") == ["<b>x</b>"])
        let ids = try texts(page, "//@id")
        #expect(Set(ids).count == ids.count)
    }

    /// Of very many kernels the longest are shown, in their order, and the page says so.
    @Test func longPlansAreCut() throws {
        var profile = try profile()
        let kernel = profile.kernels[0]
        profile.kernels = (0..<1000).map { index in
            var copy = kernel
            copy.index = index
            copy.seconds = Double(index % 500) * 1e-6
            return copy
        }
        let (_, page) = try page(profile)
        let shown = try texts(page, "//tbody[@id='kernels']/tr/@data-index").compactMap(Int.init)
        #expect(shown.count == 300 && shown == shown.sorted())
        #expect(shown.allSatisfy { $0 % 500 >= 350 })
        #expect(try texts(page, "//h3").contains("The 300 longest kernels"))
    }

    @Test func timesOfZeroAreNoNumbersToShow() throws {
        var profile = try profile()
        for index in profile.kernels.indices {
            profile.kernels[index].seconds = 0
            profile.kernels[index].share = 0
        }
        let (html, _) = try page(profile)
        #expect(!html.contains("nan%") && !html.contains(">NaN") && !html.contains("inf%"))
    }

    @Test func aDamagedProfileIsNamed() throws {
        try withFolder { folder in
            try SampleRun().write(to: folder)
            let file = folder.appendingPathComponent("profile.json")
            try Data(#"{"name": "train", "steps": "many"}"#.utf8).write(to: file)
            let error = #expect(throws: EspalierError.self) { try Report.write(folder: folder.path) }
            #expect(error?.location?.hasSuffix("profile.json") == true && error?.what.contains("steps") == true)
        }
    }
}
