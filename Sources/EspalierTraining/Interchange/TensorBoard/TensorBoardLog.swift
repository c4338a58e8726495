import EspalierData
import EspalierNN
import EspalierSpec
import Foundation

/// The events of a run as TensorBoard's: what `events.jsonl` has, under tags such as `loss/train`, by step.
///
/// Tags are `NAME/train` and `NAME/validation` for the loss and each metric at the end of an epoch, `loss/step`,
/// `learningRate/step` and `learningRate/epoch`, `seconds/epoch`, of probes `gradientNorm/PATH`, `weightNorm/PATH` and
/// `updateNorm/PATH`, histograms `parameters/PATH`, the text `configuration` and the image `confusion/SET`.
///
/// Source: TensorFlow's `event.proto` and `summary.proto`.
final class TensorBoardLog {
    private let write: ([UInt8]) throws -> Void
    /// Whose parameters' histograms are written at the end of each epoch.
    private let state: ModelState?

    /// - Parameters:
    ///   - start: When the run began, in seconds since 1970.
    ///   - state: The model whose parameters' histograms are written at the end of each epoch; nothing for none.
    ///   - write: Takes each record as it is complete.
    init(
        start: Double, histogramsOf state: ModelState? = nil, write: @escaping ([UInt8]) throws -> Void
    ) throws {
        self.state = state
        self.write = write
        var event = Self.event(start, step: 0)
        event.text(3, "brain.Event:2")
        try write(EventFile.record(event.bytes))
    }

    /// The log that the experiment's callbacks ask for; nothing where they ask for none.
    convenience init?(_ experiment: Experiment, in folder: RunFolder, _ state: ModelState) throws {
        guard let callback = experiment.callbacks.lazy.compactMap({ $0 as? TensorBoard }).first else { return nil }
        let start = Date.now.timeIntervalSince1970
        let file = try EventFile(in: folder.tensorBoard, start: start)
        try self.init(start: start, histogramsOf: callback.histograms ? state : nil, write: file.append)
        try append(configuration: experiment.yaml, start)
    }

    /// Writes a run that took place into `folder`, as one file; gives its path.
    ///
    /// - Throws: `EspalierError` where the events cannot be read, or the folder holds event files of others.
    static func write(_ run: RunFolder, to folder: String) throws -> (path: String, events: Int) {
        let events = try EventLog.read(run.events).events
        let configuration = try SystemFile.text(
            SystemFile.read(run.configuration, kind: "a configuration"), file: run.configuration)
        let start = events.first.map { seconds($0["time"]) } ?? 0
        let path = EventFile.path(in: folder, start: start)
        try SystemFile.makeFolders(folder)
        let others = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.contains("tfevents") && !path.hasSuffix("/\($0)") }
        if let other = others.min() {
            throw EspalierError(
                "the folder already holds event files, which would show everything twice", at: "\(folder)/\(other)",
                expected: "a folder without", fix: "--out with another folder")
        }
        try AtomicFile.write(to: path) { output in
            let log = try TensorBoardLog(start: start) { try output.write($0) }
            try log.append(configuration: configuration, start)
            for event in events { try log.append(event) }
        }
        return (path, events.count)
    }

    /// Appends the configuration as a text.
    func append(configuration: String, _ time: Double) throws {
        let code = configuration.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
        var shape = ProtobufMessage(), dimension = ProtobufMessage()
        dimension.integer(1, 1)
        shape.message(2, dimension)
        var tensor = ProtobufMessage()
        tensor.integer(1, 7)
        tensor.message(2, shape)
        tensor.text(8, code.joined(separator: "\n"))
        var plugin = ProtobufMessage(), metadata = ProtobufMessage(), value = ProtobufMessage()
        plugin.text(1, "text")
        metadata.message(1, plugin)
        value.text(1, "configuration")
        value.message(8, tensor)
        value.message(9, metadata)
        try append([value], time, step: 0)
    }

    /// Appends what an event of `events.jsonl` says in numbers.
    func append(_ event: ConfigurationValue) throws {
        guard case .integer(let step)? = event["step"] else { return }
        let time = Self.seconds(event["time"])
        if event["event"] == "resume" { return try appendStart(time, step: step + 1) }
        var values = scalars(of: event).map(Self.scalar)
        if event["event"] == "epoch", let state {
            values += state.parameters.entries.compactMap { entry in
                state.parameters.values(entry.path).map { Self.histogram("parameters/\(entry.path)", of: $0) }
            }
        }
        if let image = Self.confusion(event) { values.append(image) }
        if !values.isEmpty { try append(values, time, step: step) }
    }

    private func append(_ values: [ProtobufMessage], _ time: Double, step: Int) throws {
        var summary = ProtobufMessage()
        for value in values { summary.message(1, value) }
        var event = Self.event(time, step: step)
        event.message(5, summary)
        try write(EventFile.record(event.bytes))
    }

    /// Says that a process begins with this step: what another has written of it and of later ones no longer holds.
    private func appendStart(_ time: Double, step: Int) throws {
        var session = ProtobufMessage(), event = Self.event(time, step: step)
        session.integer(1, 1)
        event.message(7, session)
        try write(EventFile.record(event.bytes))
    }

    private static func event(_ time: Double, step: Int) -> ProtobufMessage {
        var event = ProtobufMessage()
        event.number(1, time)
        event.integer(2, step)
        return event
    }

    /// Since 1970, of a time as `events.jsonl` has it.
    private static func seconds(_ time: ConfigurationValue?) -> Double {
        guard case .string(let text)? = time,
            let date = try? Date(
                text,
                strategy: .iso8601.year().month().day().timeZone(separator: .omitted)
                    .time(includingFractionalSeconds: true))
        else { return 0 }
        return date.timeIntervalSince1970
    }

    // MARK: Numbers

    /// What an event says in numbers, each under its tag.
    private func scalars(of event: ConfigurationValue) -> [(tag: String, value: Double)] {
        func all(_ value: ConfigurationValue?, _ suffix: String) -> [(String, Double)] {
            guard case .map(let entries)? = value else { return [] }
            return entries.compactMap { entry in entry.value.doubleValue.map { ("\(entry.key)/\(suffix)", $0) } }
        }
        func some(_ names: [String], _ suffix: String, of value: ConfigurationValue) -> [(String, Double)] {
            names.compactMap { name in value[name]?.doubleValue.map { ("\(name)/\(suffix)", $0) } }
        }
        switch event["event"] {
        case "step": return some(["loss", "learningRate"], "step", of: event)
        case "epoch":
            return all(event["train"], "train") + all(event["validation"], "validation")
                + some(["learningRate", "seconds", "clippedShare"], "epoch", of: event)
        case "probe":
            guard case .list(let parameters)? = event["parameters"] else { return [] }
            return parameters.flatMap { parameter -> [(String, Double)] in
                guard case .string(let path)? = parameter["path"] else { return [] }
                return some(["gradientNorm", "weightNorm", "updateNorm"], path, of: parameter)
            }
        default: return []
        }
    }

    private static func scalar(_ tag: String, _ number: Double) -> ProtobufMessage {
        var value = ProtobufMessage()
        value.text(1, tag)
        value.number(2, Float(number))
        return value
    }

    /// The numbers in thirty intervals of one width between the least and the largest.
    static func histogram(_ tag: String, of numbers: UnsafeMutableBufferPointer<Float>) -> ProtobufMessage {
        let numbers = numbers.lazy.filter(\.isFinite).map(Double.init)
        let least = numbers.min() ?? 0, largest = numbers.max() ?? 0
        // One number alone has an interval around it.
        let width = largest > least ? (largest - least) / 30 : max(abs(least), 1) * 1e-6
        var counts = [Double](repeating: 0, count: 30), sum = 0.0, squares = 0.0
        for number in numbers {
            counts[min(29, Int((number - least) / width))] += 1
            sum += number
            squares += number * number
        }
        var histogram = ProtobufMessage()
        histogram.number(1, least)
        histogram.number(2, largest)
        histogram.number(3, counts.reduce(0, +))
        histogram.number(4, sum)
        histogram.number(5, squares)
        histogram.packed(6, (1...30).map { $0 == 30 ? max(largest, least + width) : least + Double($0) * width })
        histogram.packed(7, counts)
        var value = ProtobufMessage()
        value.text(1, tag)
        value.message(5, histogram)
        return value
    }

    // MARK: Pictures

    /// A confusion matrix as a picture, a square of 16 pixels an entry, the darker the larger its share of the row.
    private static func confusion(_ event: ConfigurationValue) -> ProtobufMessage? {
        guard event["event"] == "confusion", case .list(let rows)? = event["matrix"],
            case .string(let set)? = event["set"]
        else { return nil }
        let matrix = rows.map { row -> [Double] in
            guard case .list(let entries) = row else { return [] }
            return entries.map { $0.doubleValue ?? 0 }
        }
        let count = matrix.count, side = 16
        // Another program may have written it: what is no count has no shade.
        guard count > 0, count * side <= 4096,
            matrix.allSatisfy({ $0.count == count && $0.allSatisfy((0...1e15).contains) })
        else { return nil }
        let lines = matrix.map { row -> [UInt8] in
            let total = max(1, row.reduce(0, +))
            return row.flatMap { [UInt8](repeating: UInt8(255 - (255 * $0 / total).rounded()), count: side) }
        }
        let size = count * side, pixels = lines.flatMap { [[UInt8]](repeating: $0, count: side).joined() }
        var image = ProtobufMessage()
        image.integer(1, size)
        image.integer(2, size)
        image.integer(3, 1)
        image.data(4, PNGWriter.file(height: size, width: size, channels: 1, pixels: pixels))
        var value = ProtobufMessage()
        value.text(1, "confusion/\(set)")
        value.message(4, image)
        return value
    }
}
