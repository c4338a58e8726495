import EspalierSpec
import Foundation

@testable import EspalierData

/// A file in the temporary folder that is removed with the value.
final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8], name: String = "data.csv") throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent(name).path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    convenience init(_ text: String) throws { try self.init(Array(text.utf8)) }

    deinit { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
}

/// Loads `text` as a CSV file.
func load(
    _ text: String, target: CSVColumns? = nil, features: [String]? = nil, task: CSVSource.Task? = nil,
    header: Bool? = nil, columns: PerColumn<CSVColumnKind> = PerColumn(), _ change: (inout CSVSource) -> Void = { _ in }
) throws -> Dataset {
    let file = try TemporaryFile(text)
    var source = CSVSource(path: file.path, target: target, features: features, task: task, header: header)
    source.columns = columns
    change(&source)
    return try source.load(relativeTo: "/")
}

/// The error that `body` throws; nothing where it throws none, or one of another type.
func failure<Result>(_ body: () throws -> Result) -> EspalierError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? EspalierError
    }
}

extension Dataset {
    /// Column `index` of the inputs.
    func column(_ index: Int) -> [Double] {
        stride(from: index, to: inputs.count, by: sampleSize).map { Double(inputs[$0]) }
    }

    /// The class of each row; empty where targets are values.
    var labels: [Int] { if case .classes(let labels, _) = targets { labels.map(Int.init) } else { [] } }

    /// The first target of each row; empty where targets are classes.
    var values: [Double] {
        guard case .values(let values, let width, _) = targets else { return [] }
        return stride(from: 0, to: values.count, by: width).map { Double(values[$0]) }
    }

    /// How many rows each class has.
    var classCounts: [Int] {
        guard case .classes(let labels, let names) = targets else { return [] }
        return names.indices.map { name in labels.count { $0 == name } }
    }
}

extension [Double] {
    var mean: Double { reduce(0, +) / Double(count) }

    var standardDeviation: Double {
        let mean = mean
        return (reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)).squareRoot()
    }
}

/// A table of classes whose only feature is the row's number.
func classes(_ labels: [Int32], count: Int) throws -> Dataset {
    try Dataset(
        name: "classes", sampleShape: [1], inputs: labels.indices.map { Float($0) },
        targets: .classes(labels, names: (0..<count).map(String.init)))
}

/// Bytes in memory that are read like a file.
final class MemoryInput: ByteInput {
    let path = "memory.csv"
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var size: Int { rest.count }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, rest.count)
        buffer.copyBytes(from: rest.prefix(count))
        rest = rest.dropFirst(count)
        return count
    }
}
