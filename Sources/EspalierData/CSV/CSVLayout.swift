import EspalierSpec

/// What the columns of a CSV file become in a sample: which numbers, under which names.
struct CSVLayout: Sendable {
    private(set) var featureNames: [String] = []
    private(set) var gaps: [Gap] = []
    private var parts: [Part] = []
    /// Whether a sample is just a row as it was read.
    private(set) var isPlain = true

    /// One column's part of a sample.
    private struct Part: Sendable {
        var positions: Range<Int>
        /// Of each category as it was read its place among the positions; nothing for one number as it is.
        var places: [Int]?
        /// The number or category that a missing value is; nothing leaves it open.
        var constant: Float?
        /// Whether a number that says whether the value is missing follows.
        var isIndicated: Bool
    }

    /// Of no columns.
    init() {}

    /// - Throws: `EspalierError`, without a place, where a column has no value, or none can be filled in as asked for.
    init(_ features: inout [CSVFeature]) throws {
        for index in features.indices { try add(&features[index]) }
        if let repeated = firstRepeated(featureNames) {
            throw EspalierError(
                "two features are called \"\(repeated)\"", expected: "a name of its own for each",
                fix: "rename a column")
        }
    }

    private mutating func add(_ feature: inout CSVFeature) throws {
        if !feature.hasValues {
            throw EspalierError(
                "no row has a value of \"\(feature.name)\"", expected: "at least one value",
                fix: "leave the column out: columns: {\(feature.name): ignored}")
        }
        let start = featureNames.count
        var part = Part(
            positions: start..<start + 1, constant: try feature.constant(),
            isIndicated: feature.isIndicated ?? feature.hasMissing)
        switch feature.content {
        case .undecided, .numbers, .categories(_, isOrdinal: true): featureNames.append(feature.name)
        case .categories(let categories, isOrdinal: false):
            let (names, places) = categories.sorted()
            part.positions = start..<start + names.count
            part.places = places
            featureNames += names.map { "\(feature.name)=\($0)" }
        }
        if part.isIndicated { featureNames.append("\(feature.name) is missing") }
        if case .fitted(let fill) = feature.policy {
            gaps.append(Gap(positions: part.positions, fill: part.places == nil ? fill : .mode))
        }
        isPlain = isPlain && part.places == nil && part.constant == nil && !part.isIndicated
        parts.append(part)
    }

    /// How many numbers a sample has.
    var width: Int { featureNames.count }

    /// How many numbers a row has as it was read.
    var rowWidth: Int { parts.count }

    /// Writes the sample for one row.
    @inline(__always)
    func encode(_ row: UnsafeBufferPointer<Float>, into sample: UnsafeMutableBufferPointer<Float>) {
        for (part, read) in zip(parts, row) {
            let value = read.isNaN ? part.constant ?? read : read
            if let places = part.places {
                let positions = UnsafeMutableBufferPointer(rebasing: sample[part.positions])
                positions.update(repeating: value.isNaN ? value : 0)
                if value >= 0 { positions[places[Int(value)]] = 1 }
            } else {
                sample[part.positions.lowerBound] = value
            }
            if part.isIndicated { sample[part.positions.upperBound] = read.isNaN ? 1 : 0 }
        }
    }
}

extension CSVFeature {
    /// The number or category that a missing value is, where that is said.
    ///
    /// - Throws: `EspalierError`, without a place, where the column can have no such value.
    fileprivate mutating func constant() throws -> Float? {
        switch (policy, content) {
        case (.number(let value), .numbers), (.number(let value), .categories(_, isOrdinal: true)): return Float(value)
        case (.category(let name), .categories):
            if let code = addCategory(name) { return Float(code) }
            throw unfit("\"\(name)\"", expected: "one of its categories", fix: "list it among them")
        case (.number, .categories) where hasMissing || isPolicyNamed:
            throw unfit("a number", expected: "a category", fix: "missing: {\(self.name): mode}")
        case (.category(let name), .numbers) where hasMissing || isPolicyNamed:
            throw unfit("\"\(name)\"", expected: "a number", fix: "missing: {\(self.name): median}")
        case (.fitted(let fill), .categories(_, isOrdinal: false)) where fill != .mode && isPolicyNamed:
            throw unfit("the \(fill.rawValue)", expected: "a category", fix: "missing: {\(self.name): mode}")
        default: return nil
        }
    }

    private func unfit(_ value: String, expected: String, fix: String) -> EspalierError {
        EspalierError("what is missing in \"\(name)\" cannot be \(value)", expected: expected, fix: fix)
    }
}
