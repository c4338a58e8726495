import EspalierSpec

/// `repair.json`: what was changed to put a training right, and what that came to.
struct RepairRecord: Sendable {
    var isRepaired: Bool
    /// As in the table of metrics: `validation_accuracy`.
    var metric: String
    var before: Scores
    var after: Scores
    var attempts: [Attempt]
    /// The repaired configuration's file.
    var configuration: String?

    /// The metric over several seeds.
    struct Scores: Sendable {
        var mean: Double?
        var values: [Double]
    }

    struct Attempt: Sendable {
        var remedies: [DiagnosisRecord.Remedy]
        var value: Scores
        var isAccepted: Bool
        var reason: String?
    }
}

extension RepairRecord {
    /// - Throws: `EspalierError` for what no doctor writes.
    init(_ value: ConfigurationValue, at place: String) throws {
        let fields = Fields(value, at: place)
        try fields.requireMap()
        guard let isRepaired = try fields.flag("repaired") else {
            throw fields.error("repaired", expected: "true or false")
        }
        self.isRepaired = isRepaired
        metric = try fields.text("metric") ?? "loss"
        before = try Scores(fields["before"], at: place)
        after = try Scores(fields["after"], at: place)
        attempts = try (fields.list("attempts") ?? []).map { try Attempt($0, at: place) }
        configuration = try fields.text("config")
    }
}

extension RepairRecord.Scores {
    /// Scores are one number, a list of them, or a map with a mean and the list.
    init(_ value: ConfigurationValue?, at place: String) throws {
        func numbers(_ items: [ConfigurationValue]) throws -> [Double] {
            try items.map { item in
                guard let number = item.doubleValue else {
                    throw EspalierError(
                        "a score that is no number", at: place, expected: "numbers", fix: "restore the file")
                }
                return number
            }
        }
        switch value {
        case nil: self.init(values: [])
        case .list(let items)?: self.init(values: try numbers(items))
        case .map?:
            let fields = Fields(value ?? .null, at: place)
            let values = try numbers(try fields.list("values") ?? [])
            let mean = try fields["mean"].map { try numbers([$0]) }?.first
            self.init(mean: mean, values: values)
        case let number?: self.init(mean: try numbers([number]).first, values: [])
        }
        if mean == nil, !values.isEmpty { mean = values.reduce(0, +) / Double(values.count) }
    }
}

extension RepairRecord.Attempt {
    init(_ value: ConfigurationValue, at place: String) throws {
        let fields = Fields(value, at: place)
        try fields.requireMap()
        self.init(
            remedies: try (fields.list("remedies") ?? []).map { try DiagnosisRecord.Remedy($0, at: place) },
            value: try RepairRecord.Scores(fields["value"], at: place),
            isAccepted: try fields.flag("accepted") ?? false, reason: try fields.text("reason"))
    }
}
