import EspalierSpec
import Foundation

/// `lab.json`: what an experiment of the lab came to.
struct LabRecord: Sendable {
    var name: String
    var summary: String
    var lesson: String
    /// Names with values, as texts.
    var settings: [(name: String, value: String)]
    var data: String?
    var seconds: Double?
    var measurements: [Measurement]
    var figures: [LabFigureRecord]
    var notes: [String]

    struct Measurement: Sendable {
        var name: String
        var measured: Double
        /// One for each seed.
        var values: [Double]
        var expected: ClosedRange<Double>?

        var isInside: Bool? { expected.map { $0.contains(measured) } }
    }

    /// How many measurements have an expected value, and how many of these are as expected.
    var counts: (expected: Int, inside: Int) {
        (measurements.count { $0.expected != nil }, measurements.count { $0.isInside == true })
    }
}

extension LabRecord {
    /// Reads the file in a folder.
    ///
    /// - Throws: `EspalierError` where it is missing or no lab has written it.
    init(folder: String) throws {
        let place = URL(fileURLWithPath: folder).appendingPathComponent("lab.json").path
        guard let bytes = FileManager.default.contents(atPath: place) else {
            throw EspalierError(
                "the folder holds no experiment", at: folder, expected: "lab.json in it",
                fix: "espalier lab run NAME --out \(folder)")
        }
        try self.init(EspalierSpec.JSON.parse(Array(bytes), file: place), at: place)
    }

    /// - Throws: `EspalierError` for what no lab writes.
    init(_ value: ConfigurationValue, at place: String) throws {
        let fields = Fields(value, at: place)
        try fields.requireMap()
        guard let name = try fields.text("experiment") else {
            throw fields.error("experiment", expected: "the name of an experiment")
        }
        self.name = name
        summary = try fields.text("summary") ?? name
        lesson = try fields.text("lesson") ?? ""
        data = try fields.text("data")
        seconds = fields["seconds"]?.doubleValue
        notes = try fields.texts("notes")
        settings = []
        if case .map(let entries)? = fields["settings"] {
            settings = entries.prefix(40).map { ($0.key, EspalierSpec.JSON.write($0.value)) }
        }
        measurements = try (fields.list("measurements") ?? []).prefix(200).map { try Measurement($0, at: place) }
        figures = try (fields.list("figures") ?? []).prefix(12).map { try LabFigureRecord($0, at: place) }
    }
}

extension LabRecord.Measurement {
    fileprivate init(_ value: ConfigurationValue, at place: String) throws {
        let fields = Fields(value, at: place)
        try fields.requireMap()
        guard let name = try fields.text("name"), let measured = fields["measured"]?.doubleValue else {
            throw fields.error("measured", expected: "a name and a number")
        }
        self.name = name
        self.measured = measured
        values = try fields.values("values", most: 100)
        expected = try fields.range("expected")
    }
}

extension Fields {
    /// The numbers of a list; none where there is no list.
    func values(_ name: String, most limit: Int) throws -> [Double] {
        try (list(name) ?? []).prefix(limit).map { item in
            guard let number = item.doubleValue else { throw error(name, expected: "a list of numbers") }
            return number
        }
    }

    /// Two numbers of which the second is not the smaller; nothing where there are none.
    func range(_ name: String) throws -> ClosedRange<Double>? {
        guard self[name] != nil else { return nil }
        let ends = try values(name, most: 3)
        guard ends.count == 2, ends[0] <= ends[1], ends.allSatisfy(\.isFinite) else {
            throw error(name, expected: "two numbers, the smaller one first")
        }
        return ends[0]...ends[1]
    }

    /// The maps of a list.
    func maps(_ name: String, most limit: Int) throws -> [Fields] {
        try (list(name) ?? []).prefix(limit).map { item in
            let fields = Fields(item, at: place)
            try fields.requireMap()
            return fields
        }
    }
}
