import EspalierSpec

/// The target column of a CSV file while it is read: numbers, or texts that name classes.
struct CSVTarget {
    private let task: CSVSource.Task?
    /// Whether targets are texts; not known before the first one where the task is not given.
    private(set) var isText: Bool?
    private var numbers: [Float] = []
    /// Of each row, an index into the classes: texts, or numbers as long as they look like classes.
    private var codes: [Int32] = []
    private var texts = CSVCategories()
    /// The different numbers with their codes, in double precision, in which whole numbers such as postcodes stay apart;
    /// nothing where they are no classes.
    private var values: [Double: Int32]?

    /// More different numbers than that are no classes.
    private static let mostValues = 20

    init(task: CSVSource.Task?) {
        self.task = task
        isText = task.map { $0 == .classification }
        values = task == nil ? [:] : nil
    }

    /// Whether it takes nothing but single-precision numbers, so that nobody has to look at texts.
    var takesNumbers: Bool { isText == false && values == nil }

    mutating func reserveCapacity(_ count: Int) {
        if isText != true { numbers.reserveCapacity(count) }
        if isText != false || values != nil { codes.reserveCapacity(count) }
    }

    /// Adds the number of one row.
    mutating func append(_ number: Float) { numbers.append(number) }

    /// Adds the target of one row, which is not empty; false where it should have been a finite number.
    ///
    /// - Throws: `EspalierError`, without a place, for text that is not UTF-8.
    mutating func append(_ field: CSVReader.Field, _ reader: borrowing CSVReader) throws -> Bool {
        let number = isText == true ? nil : DecimalNumber(reader.bytes(field))
        if isText == nil { isText = number == nil }
        if isText == true {
            guard let code = try texts.code(field, reader) else { return false }
            codes.append(Int32(code))
            return true
        }
        guard let number, case let value = number.float, value.isFinite else { return false }
        numbers.append(value)
        note(number)
        return true
    }

    private mutating func note(_ number: DecimalNumber) {
        guard let known = values?.count else { return }
        let value = number.double
        guard value == value.rounded(), value.magnitude <= 0x1p53 else { return values = nil }
        if let code = values?[value] {
            codes.append(code)
        } else if known < Self.mostValues {
            values?[value] = Int32(known)
            codes.append(Int32(known))
        } else {
            values = nil
            codes = []
        }
    }

    /// The targets of all rows; `name` is the column's.
    func targets(name: String) -> Dataset.Targets {
        if isText == true {
            let (names, places) = texts.sorted()
            return .classes(codes.map { Int32(places[Int($0)]) }, names: names)
        }
        // Classes are seen more than once.
        if let values, values.count <= numbers.count / 2 {
            let sorted = values.sorted { $0.key < $1.key }
            var places = [Int32](repeating: 0, count: sorted.count)
            for (place, value) in sorted.enumerated() { places[Int(value.value)] = Int32(place) }
            return .classes(codes.map { places[Int($0)] }, names: sorted.map { String(Int($0.key)) })
        }
        return .values(numbers, width: 1, names: [name])
    }

    /// The targets of several columns side by side, all of them numbers.
    static func targets(_ columns: [CSVTarget], names: [String]) -> Dataset.Targets {
        let rows = columns.first?.numbers.indices ?? 0..<0
        return .values(rows.flatMap { row in columns.map { $0.numbers[row] } }, width: columns.count, names: names)
    }

    static let notUTF8 = EspalierError(
        "the text is not UTF-8", expected: "UTF-8",
        fix: "convert the file: iconv -f LATIN1 -t UTF-8 data.csv > converted.csv")
}
