import EspalierSpec
import Foundation

/// The rows of `metrics.csv`, for a run whose events are gone.
///
/// - Throws: `EspalierError` for a row with the wrong number of fields or a field that is no number. A last row that
///   was cut off while it was written is left out.
func metricsTable(_ data: Data, at path: String) throws -> [Event.Epoch] {
    let text = String(decoding: data, as: UTF8.self)
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard let header = lines.first else { return [] }
    let columns = fields(of: header)
    guard let epochColumn = columns.firstIndex(of: "epoch") else {
        throw EspalierError(
            "the table has no column \"epoch\"", at: "\(path):1", expected: "epoch,step,train_loss,…",
            fix: "give a metrics.csv that a training wrote")
    }
    var epochs: [Event.Epoch] = []
    // The piece after the last line break is empty, or a row that was not finished.
    for (index, line) in lines.enumerated().dropFirst().dropLast() where !line.isEmpty {
        let values = try numbers(in: line, columns: columns, at: "\(path):\(index + 1)")
        guard let number = values[epochColumn].flatMap({ Int(exactly: $0) }) else {
            throw EspalierError(
                "the epoch is no whole number", at: "\(path):\(index + 1), column \"epoch\"", expected: "1, 2, 3, …",
                fix: "restore the row")
        }
        guard number > epochs.last?.epoch ?? 0 else {
            throw EspalierError(
                "epoch \(number) does not follow that of the row before", at: "\(path):\(index + 1), column \"epoch\"",
                expected: "1, 2, 3, …", fix: "restore the row")
        }
        var epoch = Event.Epoch(epoch: number, step: 0, train: [:], validation: [:])
        for (column, value) in zip(columns, values) {
            guard let value else { continue }
            switch column {
            case "step": epoch.step = Int(exactly: value) ?? 0
            case "learning_rate": epoch.learningRate = value
            case "seconds": epoch.seconds = value
            case let name where name.hasPrefix("train_"): epoch.train?[String(name.dropFirst(6))] = value
            case let name where name.hasPrefix("validation_"): epoch.validation?[String(name.dropFirst(11))] = value
            default: break
            }
        }
        try Event.epoch(epoch).check(at: "\(path):\(index + 1)")
        epochs.append(epoch)
    }
    return epochs
}

private func fields(of line: Substring) -> [String] {
    line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
}

private func numbers(in line: Substring, columns: [String], at place: String) throws -> [Double?] {
    let fields = fields(of: line)
    guard fields.count == columns.count else {
        throw EspalierError(
            "the row has \(fields.count) fields", at: place, expected: "\(columns.count), as in the first row",
            fix: "restore the row")
    }
    return try zip(columns, fields).map { column, field in
        if field.isEmpty { return nil }
        guard let value = Double(field) else {
            throw EspalierError(
                "\"\(field)\" is no number", at: "\(place), column \"\(column)\"", expected: "a number, NaN or nothing",
                fix: "restore the row")
        }
        return value
    }
}
