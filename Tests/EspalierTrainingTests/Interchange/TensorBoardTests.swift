import EspalierEngine
import EspalierNN
import EspalierSpec
import Foundation
import Testing

@testable import EspalierTraining

/// What is written for TensorBoard; `make interchange` reads it with TensorBoard itself.
struct TensorBoardTests {
    /// The vectors of RFC 3720, and the one that all lists of checksums have.
    @Test func checksums() {
        #expect(CRC32C.checksum(of: Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.checksum(of: [UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum(of: [UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum(of: Array(0..<32)) == 0x46DD_794E)
    }

    /// The whole records of a file, and how many bytes are left.
    private func records(_ bytes: [UInt8]) throws -> (events: [ProtobufReader], rest: Int) {
        func number(_ start: Int, _ width: Int) -> Int {
            bytes[start..<(start + width)].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        func masked(_ part: ArraySlice<UInt8>) -> Int {
            let sum = CRC32C.checksum(of: Array(part))
            return Int((sum >> 15 | sum << 17) &+ 0xA282_EAD8)
        }
        var events: [ProtobufReader] = [], start = 0
        while bytes.count - start >= 16 {
            let length = number(start, 8), end = start + 16 + length
            guard end <= bytes.count else { break }
            #expect(number(start + 8, 4) == masked(bytes[start..<(start + 8)]))
            let data = bytes[(start + 12)..<(end - 4)]
            #expect(number(end - 4, 4) == masked(data))
            events.append(try #require(ProtobufReader(Array(data))))
            start = end
        }
        return (events, bytes.count - start)
    }

    private struct Scalar: Hashable {
        var tag: String
        var step: Int
        var value: Float
    }

    private func scalars(_ events: [ProtobufReader]) -> Set<Scalar> {
        Set(
            events.flatMap { event in
                event.messages(5).flatMap { $0.messages(1) }.compactMap { value in
                    value.fixed(2).first.map {
                        Scalar(
                            tag: value.texts(1)[0], step: event.integers(2)[0],
                            value: Float(bitPattern: UInt32(truncatingIfNeeded: $0)))
                    }
                }
            })
    }

    /// What events.jsonl says in numbers.
    private func expected(_ events: [ConfigurationValue]) -> Set<Scalar> {
        var scalars: Set<Scalar> = []
        for event in events {
            guard case .integer(let step)? = event["step"] else { continue }
            func put(_ tag: String, _ value: ConfigurationValue?) {
                guard let value = value?.doubleValue else { return }
                scalars.insert(Scalar(tag: tag, step: step, value: Float(value)))
            }
            switch event["event"] {
            case "step":
                put("loss/step", event["loss"])
                put("learningRate/step", event["learningRate"])
            case "epoch":
                for part in ["train", "validation"] {
                    put("loss/\(part)", event[part]?["loss"])
                    put("accuracy/\(part)", event[part]?["accuracy"])
                }
                for name in ["learningRate", "seconds"] { put("\(name)/epoch", event[name]) }
            case "probe":
                guard case .list(let parameters)? = event["parameters"] else { continue }
                for parameter in parameters {
                    guard case .string(let path)? = parameter["path"] else { continue }
                    for name in ["gradientNorm", "weightNorm", "updateNorm"] { put("\(name)/\(path)", parameter[name]) }
                }
            default: break
            }
        }
        return scalars
    }

    private func train(_ folder: TemporaryFolder, callbacks: String) throws -> RunFolder {
        let text = """
            data: {source: iris}
            model: [{linear: {units: 4}}, tanh, {linear: {units: auto}}]
            metrics: [accuracy]
            training: {epochs: 3, batchSize: 20}
            doctor: {probeEvery: 4}
            callbacks: \(callbacks)
            """
        let experiment = try Experiment(configuration: YAML.parse(text, file: "c.yaml"))
        return try TrainingRun(
            experiment, in: { _ in try RunFolder.taking(folder.file("run")) }, engine: Engine(threads: 1)
        ).folder
    }

    private func eventFile(in folder: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count == 1 && names[0].contains("tfevents"))
        return "\(folder)/\(names[0])"
    }

    @Test func aTrainingWritesWhatItRecords() throws {
        let folder = try TemporaryFolder()
        let run = try train(folder, callbacks: "[{tensorBoard: {histograms: true}}]")
        let bytes = try bytes(of: eventFile(in: run.tensorBoard))
        let (events, rest) = try records(bytes)
        #expect(rest == 0 && events[0].texts(3) == ["brain.Event:2"])
        let numbers = try expected(EventLog.read(run.events).events)
        #expect(scalars(events) == numbers && numbers.count > 60)

        let values = events.flatMap { event in event.messages(5).flatMap { $0.messages(1) } }
        let texts = values.filter { $0.texts(1) == ["configuration"] }
        #expect(texts.count == 1 && texts[0].messages(8)[0].texts(8)[0].hasPrefix("    name: c\n"))
        let histograms = values.compactMap { value in value.messages(5).first.map { (value.texts(1)[0], $0) } }
        #expect(
            Set(histograms.map(\.0)) == Set(["0.weight", "0.bias", "2.weight", "2.bias"].map { "parameters/\($0)" }))
        #expect(histograms.count == 12)
        let image = try #require(values.first { $0.texts(1)[0].hasPrefix("confusion/") }?.messages(4).first)
        #expect(image.integers(1) == [48] && image.integers(2) == [48] && image.data(4)[0].starts(with: [0x89, 0x50]))

        // A process that dies leaves a torn record at most, and all before it.
        let torn = try records(Array(bytes.dropLast(5)))
        #expect(torn.events.count == events.count - 1 && torn.rest > 0)
    }

    @Test func aRunIsWrittenAfterwards() throws {
        let folder = try TemporaryFolder()
        let run = try train(folder, callbacks: "[]")
        #expect(!FileManager.default.fileExists(atPath: run.tensorBoard))
        let export = try RunExport(run, .tensorboard)
        let (events, rest) = try records(bytes(of: export.path))
        let numbers = try expected(EventLog.read(run.events).events)
        #expect(rest == 0 && scalars(events) == numbers)
        // Times are those of the run.
        let times = events.compactMap { $0.fixed(1).first }.map { Double(bitPattern: $0) }
        #expect(times == times.sorted() && times[0] > 1.7e9)

        // Once more: the same file with the same bytes.
        let before = try bytes(of: export.path)
        #expect(try RunExport(run, .tensorboard).path == export.path && bytes(of: export.path) == before)
        try FileManager.default.moveItem(atPath: export.path, toPath: run.tensorBoard + "/other.tfevents.1")
        let refused = error { try RunExport(run, .tensorboard) }
        #expect(refused?.what.contains("already holds event files") == true)
    }

    /// TensorBoard forgets what a killed process wrote after the checkpoint that another goes on from.
    @Test func aResumedRunSaysWhereItBegins() throws {
        var bytes: [UInt8] = []
        let log = try TensorBoardLog(start: 1) { bytes += $0 }
        try log.append(["event": "resume", "time": "", "step": 40, "epoch": 2])
        try log.append(["event": "step", "time": "", "step": 41, "epoch": 2, "loss": 0.5])
        let events = try records(bytes).events
        #expect(events.map { $0.messages(7).map { $0.integers(1) } } == [[], [[1]], []])
        #expect(events[1].integers(2) == [41] && events[1].messages(5).isEmpty)
    }

    @Test func histogramsCountEveryNumber() throws {
        func histogram(_ values: [Float]) throws -> (limits: [Double], counts: [Double], numbers: [Double]) {
            var values = values
            let message = values.withUnsafeMutableBufferPointer { TensorBoardLog.histogram("h", of: $0) }
            let histogram = try #require(ProtobufReader(message.bytes)?.messages(5).first)
            func packed(_ field: Int) -> [Double] {
                histogram.data(field)[0].withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
            }
            return (
                packed(6), packed(7), (1...5).compactMap { histogram.fixed($0).first }.map(Double.init(bitPattern:))
            )
        }
        let spread = try histogram([-1, 0, 0.5, 2, .nan])
        #expect(spread.numbers == [-1, 2, 4, 1.5, 5.25])
        #expect(spread.counts.reduce(0, +) == 4 && spread.limits.last == 2 && spread.limits == spread.limits.sorted())
        #expect(spread.counts[0] == 1 && spread.counts[29] == 1 && spread.counts[10] == 1 && spread.counts[15] == 1)
        let single = try histogram([3, 3])
        #expect(single.counts[0] == 2 && single.limits.allSatisfy { $0 > 3 } && single.numbers[2] == 2)
    }
}
