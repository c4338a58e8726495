import Espalier

/// Another source's data with something done to it: a fault that is planted.
struct Planted: DataSource {
    private var source: any DataSource = DigitsSource()
    private var fault: @Sendable (Dataset) throws -> Dataset = { $0 }

    static let name = "planted"
    static let summary = "Data with a fault"
    static let fields: [Field<Self>] = []

    init() {}

    init(_ source: any DataSource, _ fault: @escaping @Sendable (Dataset) throws -> Dataset) {
        self.source = source
        self.fault = fault
    }

    var takesRowsInOrder: Bool { source.takesRowsInOrder }
    func load(relativeTo folder: String) throws -> Dataset { try fault(try source.load(relativeTo: folder)) }
    init(from decoder: any Decoder) throws { self.init() }
    func encode(to encoder: any Encoder) throws {}
    static func == (first: Self, second: Self) -> Bool { first.source.named == second.source.named }
    func hash(into hasher: inout Hasher) { hasher.combine(source.named) }
}
