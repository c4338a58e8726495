import EspalierSpec
import Testing

@testable import EspalierData

@Suite struct DataDescriptionTests {
    func describe(_ text: String, _ change: (inout CSVSource) -> Void = { _ in }) throws -> DataDescription {
        let file = try TemporaryFile(text)
        var source = CSVSource(path: file.path)
        change(&source)
        return try DataDescription(of: source, relativeTo: "/")
    }

    static let table =
        "age,color,same,empty,y\n1,red,7,,x\n,blue,7,NA,z\n5,red,7,,x\n2,?,7,,\n5,red,7,,x\n4,blue,7,,x\n1,red,7,,x\n"

    @Test func countsWhatColumnsHold() throws {
        // Nothing can be learned from a column without values, which a training says; here it is ignored.
        let data = try describe(Self.table) { $0.columns = ["empty": .ignored] }
        #expect(data.samples == 6 && data.withoutTarget == 1 && data.task == .classification)
        #expect(data.sampleShape == [4])
        let age = data.features[0]
        #expect(age.name == "age" && age.count == 5 && age.missing == 1 && age.distinct == 3)
        guard case .numbers(let range, let mean, let deviation, let histogram) = age.content else {
            Issue.record("\(age)")
            return
        }
        #expect(range == 1...5 && mean == 3.2)
        // Of 1, 5, 5, 4, 1.
        #expect(abs(deviation - (3.36 as Double).squareRoot()) < 1e-12)
        #expect(histogram == [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 2])
        #expect(data.features[1].content == .categories([.init(name: "red", count: 4), .init(name: "blue", count: 2)]))
        #expect(data.features.map(\.isConstant) == [false, false, true])
        #expect(data.targets[0].content == .categories([.init(name: "x", count: 5), .init(name: "z", count: 1)]))
        // Rows 3 and 5, and rows 1 and 7.
        #expect(data.duplicates == 2)
    }

    @Test func whatSettingsRefuseIsStillShown() throws {
        let ids = (0..<200).map { "id\($0),\($0 % 2 == 0 ? "" : "3"),\(Double($0) / 2)\n" }.joined()
        let data = try describe("id,a,y\n" + ids) { $0.missing = ["a": .drop] }
        #expect(data.samples == 200 && data.features[0].distinct == 200 && data.features[1].missing == 100)
        guard case .numbers(let range, _, _, let histogram)? = data.targets.first?.content else {
            Issue.record("\(data.targets)")
            return
        }
        #expect(range == 0...99.5 && histogram.reduce(0, +) == 200 && data.task == .regression)
        #expect(data.text.contains("values are missing in a:"))
    }

    @Test func isTextOfAScreen() throws {
        let lines = try describe(Self.table) { $0.columns = ["empty": .ignored] }.text.split(separator: "\n")
        #expect(lines[0] == "data: 6 samples, each [4]; classification")
        #expect(lines[2].hasPrefix("age            1         3     1   5   3.2      1.833  █"))
        #expect(lines[3].hasSuffix("red 66.7%, blue 33.3%"))
        #expect(lines.contains("  x  5  83.3%   ████████████████████████████████████████"))
        #expect(lines.contains("unbalanced: \"x\" has 5 times the samples of \"z\""))
        #expect(lines.contains("constant, so that nothing can be learned from them: same"))
        #expect(lines.contains("1 row has no target, left out here"))
        #expect(lines.allSatisfy { $0.count <= 100 && !$0.hasSuffix(" ") })
    }

    @Test func wideTablesAreCut() throws {
        let text = try DataDescription(DigitsSource().load(relativeTo: "")).text
        #expect(text.contains("… and 40 more columns, which --json shows"))
        #expect(text.split(separator: "\n").count < 50)
        #expect(text.contains("constant, so that nothing can be learned from them: pixel_0_0, pixel_4_0, pixel_4_7"))
    }

    @Test func imagesAreDrawn() throws {
        let data = try DataDescription(DigitImagesSource().load(relativeTo: ""))
        let images = try #require(data.images)
        #expect(data.features.isEmpty && images.channels.count == 1 && images.channels[0].range == 0...16)
        #expect(images.pictures.map(\.title) == (0...9).map(String.init))
        #expect(images.pictures[0].lines.count == 8 && images.pictures[0].lines.allSatisfy { $0.count == 16 })
        #expect(images.pictures[0].lines[0] == "    ░░██▒▒      ")
    }

    @Test func averagesLargeImagesAndTheirChannels() throws {
        // Left half bright in one of two channels, right half dark in both.
        let half = (0..<40 * 40).map { Float($0 % 40 < 20 ? 4 : 0) }
        let image = half + [Float](repeating: 0, count: 1600)
        let data = try Dataset(
            name: "image", sampleShape: [2, 40, 40], inputs: image + image,
            targets: .values([1, 2], width: 1, names: ["y"]))
        let images = try #require(try DataDescription(data).images)
        #expect(images.channels.map(\.mean) == [2, 0] && images.channels.map(\.deviation) == [2, 0])
        #expect(images.pictures.map(\.title) == ["row 1", "row 2"])
        let line = String(repeating: "▒", count: 9) + String(repeating: " ", count: 9)
        #expect(images.pictures[1].lines == Array(repeating: line, count: 9))
    }

    @Test func isJSONOfEverything() throws {
        let value = try describe(Self.table) { $0.columns = ["empty": .ignored] }.configuration
        #expect(value["samples"] == 6 && value["withoutTarget"] == 1 && value["constant"] == ["same"])
        guard case .list(let features)? = value["features"] else { return #expect(Bool(false)) }
        #expect(features.count == 3 && features[0]["minimum"] == 1.0 && features[0]["missing"] == 1)
        #expect(features[1]["type"] == "category")
    }
}
