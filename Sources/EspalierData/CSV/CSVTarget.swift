import EspalierSpec

/// The target column of a CSV file while it is read: numbers, or texts that name classes.
struct CSVTarget {
    private let task: CSVSource.Task?
    /// Whether targets are texts; not known before the first one where the task is not given.
    private var isText: Bool?
    /// Double precision, in which whole numbers such as postcodes stay apart.
    private(set) var numbers: [Double] = []
    /// The text of each row as an index into `texts`, which are in the order of their first row.
    private var codes: [Int32] = []
    private var texts: [String] = []
    private var codeOfText: [String: Int32] = [:]

    init(task: CSVSource.Task?) {
        self.task = task
        isText = task.map { $0 == .classification }
    }

    mutating func reserveCapacity(_ count: Int) {
        if isText == true { codes.reserveCapacity(count) } else { numbers.reserveCapacity(count) }
    }

    /// Adds the target of one row; false where it should have been a finite number.
    ///
    /// - Throws: `EspalierError`, without a place, where a class has no name, or one that is not UTF-8.
    mutating func append(_ field: CSVReader.Field, _ reader: borrowing CSVReader) throws -> Bool {
        let number = isText == true ? nil : DecimalNumber(reader.bytes(field))?.double
        if isText == nil, !field.isEmpty { isText = number == nil }
        guard isText == true else {
            guard let number, Float(number).isFinite else { return false }
            numbers.append(number)
            return true
        }
        guard !field.isEmpty else {
            throw EspalierError(
                "the class is missing", expected: "the name of a class", fix: "fill it in, or remove the row")
        }
        guard let text = reader.text(field) else { throw Self.notUTF8 }
        if let code = codeOfText[text] {
            codes.append(code)
        } else {
            codes.append(Int32(texts.count))
            codeOfText[text] = Int32(texts.count)
            texts.append(text)
        }
        return true
    }

    /// The targets of all rows; `name` is the column's.
    func targets(name: String) -> Dataset.Targets {
        if isText == true {
            let sorted = Self.sorted(texts)
            let position = Dictionary(uniqueKeysWithValues: zip(sorted, Int32(0)...))
            let labels = texts.compactMap { position[$0] }
            return .classes(codes.map { labels[Int($0)] }, names: sorted)
        }
        if task == nil, let values = Self.classValues(numbers) {
            let position = Dictionary(uniqueKeysWithValues: zip(values, Int32(0)...))
            return .classes(numbers.compactMap { position[$0] }, names: values.map { String(Int($0)) })
        }
        return .values(numbers.map { Float($0) }, width: 1, names: [name])
    }

    /// The different values in ascending order, where they look like classes: whole, few, and each seen more than once.
    private static func classValues(_ numbers: [Double]) -> [Double]? {
        var values: Set<Double> = []
        let most = min(20, numbers.count / 2)
        for number in numbers {
            guard number == number.rounded(), number.magnitude <= 0x1p53 else { return nil }
            if values.insert(number).inserted, values.count > most { return nil }
        }
        return values.sorted()
    }

    /// By value where all are whole numbers, else by their Unicode scalars: the same on every machine.
    private static func sorted(_ names: [String]) -> [String] {
        let numbers = names.compactMap { Int($0) }
        if numbers.count == names.count {
            return zip(numbers, names).sorted { $0 < $1 }.map(\.1)
        }
        return names.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }

    static let notUTF8 = EspalierError(
        "the text is not UTF-8", expected: "UTF-8",
        fix: "convert the file: iconv -f LATIN1 -t UTF-8 data.csv > converted.csv")
}
