import EspalierSpec

// The errors for fields that cannot be used.
extension CSVTable {
    func place(_ reader: borrowing CSVReader, _ column: Int) -> String {
        "\(path):\(reader.line), column \"\(columns[column])\""
    }

    /// The error for a value that is missing where it must not be.
    func isMissing(_ reader: borrowing CSVReader, _ column: Int, isClass: Bool? = nil) -> EspalierError {
        let field = reader.fields[column], name = columns[column]
        var error = EspalierError(
            isClass == true ? "the class is missing" : "the value is missing", at: place(reader, column),
            expected: isClass == true ? "the name of a class" : "a value in every row, unless missing says otherwise")
        if !field.isEmpty {
            error.what += " (\(Self.shown(reader.bytes(field)).debugDescription))"
        }
        if targetColumns.contains(column) {
            error.fix = "fill it in, or missing: {\(name): drop} leaves such rows out"
        } else if targetColumns.isEmpty, source.missing[name] == .drop {
            error.what += ", and a row that is predicted for is not left out"
            error.fix = "fill it in, or train with missing: {\(name): median}"
        } else {
            error.fix =
                "missing: median fills in what the training rows have (also mean, mode, a number), missing: drop leaves "
                + "the row out; missing: {\(name): …} says it of this column alone"
        }
        return error
    }

    /// The error for a column that the training had, and the file to predict for has not.
    func isMissing(_ name: String, at place: String) -> EspalierError {
        EspalierError(
            "the column \"\(name)\" is missing", at: place,
            expected: "every column that the training had; here are \(columns.prefix(30).joined(separator: ", "))",
            fix: nearest(to: name, among: columns).map { "rename \"\($0)\", if that is the one" }
                ?? "add the column; a value that is not known may stay empty where the training filled in missing ones")
    }

    /// The error for a field that should have been a finite number.
    func isNoNumber(_ reader: borrowing CSVReader, _ column: Int) -> EspalierError {
        let bytes = reader.bytes(reader.fields[column]), shown = Self.shown(bytes), name = columns[column]
        var error = EspalierError("", at: place(reader, column), expected: "a number")
        if let value = DecimalNumber(bytes) {
            error.what = "\(shown) is too large (\(value.float))"
            error.expected = "a number of at most 3.4e38"
        } else if isWithDecimalComma(bytes) {
            error = hasDecimalComma(reader, column)
        } else {
            error.what = "\(shown.debugDescription) is not a number"
            error.fix =
                reader.line == 1 && !hasHeader
                ? "header: true, if the first line names the columns"
                : targetColumns.contains(column)
                    ? targetColumns.count == 1 ? "task: classification, if the target is a class" : nil
                    : Self.fixOfTexts(name)
        }
        return error
    }

    /// The error for a column whose first value is a text, and which turns out to hold numbers too.
    ///
    /// - Parameters:
    ///   - texts: The different values so far, the number last.
    ///   - line: Where the text is.
    func isMixed(_ reader: borrowing CSVReader, _ column: Int, texts: [String], line: Int) -> EspalierError {
        let name = columns[column]
        return EspalierError(
            "\(Self.shown(texts[0]).debugDescription) is not a number", at: "\(path):\(line), column \"\(name)\"",
            expected: "a number, as \(Self.shown(texts[texts.count - 1])) in line \(reader.line), or texts alone",
            fix: line == 1 && !hasHeader
                ? "header: true, if the first line names the columns" : Self.fixOfTexts(name))
    }

    /// Whether a field is a number but for the comma in it, in a file in which no comma separates columns.
    func isWithDecimalComma(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard separator != CSVReader.comma, bytes.count(where: { $0 == CSVReader.comma }) == 1 else { return false }
        let pointed = bytes.map { $0 == CSVReader.comma ? UInt8(ascii: ".") : $0 }
        return pointed.withUnsafeBufferPointer { DecimalNumber($0) != nil }
    }

    /// The error for a number that is written with a comma.
    func hasDecimalComma(_ reader: borrowing CSVReader, _ column: Int) -> EspalierError {
        EspalierError(
            "\(Self.shown(reader.bytes(reader.fields[column]))) has a decimal comma", at: place(reader, column),
            expected: "numbers with a decimal point",
            fix: "export the table with decimal points, or, if no text has a comma: sed 's/,/./g' \(path) > points.csv")
    }

    private static func fixOfTexts(_ name: String) -> String {
        "columns: {\(name): oneHot} if it names a category, missingMarkers if it stands for a missing value, or "
            + "columns: {\(name): ignored}"
    }

    private static func shown(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        shown(String(decoding: bytes, as: UTF8.self))
    }

    private static func shown(_ text: String) -> String { text.count > 40 ? "\(text.prefix(40))…" : text }
}
