import ArgumentParser
import Espalier
import Foundation

/// Measures how the cost of a training step grows: dense networks along batch, width and depth, one axis at a time.
struct ScalingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scaling", abstract: "Measures how a step's cost grows; prints a line of JSON for each network.")

    @OptionGroup var options: ThreadOptions

    /// A dense network and its batch.
    private struct Size {
        var batch = 128
        var width = 512
        var depth = 4
    }

    private struct Point: Encodable {
        var axis: String
        var value: Int
        var operations: Int
        var seconds: Double
    }

    private static let axes: [(name: String, path: any WritableKeyPath<Size, Int> & Sendable, values: [Int])] = [
        ("batch", \.batch, [32, 64, 128, 256, 512]),
        ("width", \.width, [128, 256, 512, 1024]),
        ("depth", \.depth, [2, 4, 8, 16]),
    ]

    func run() throws {
        for axis in Self.axes {
            for value in axis.values {
                var size = Size()
                size[keyPath: axis.path] = value
                let (operations, seconds) = try measure(size)
                let point = Point(axis: axis.name, value: value, operations: operations, seconds: seconds)
                print(String(decoding: try JSONEncoder().encode(point), as: UTF8.self))
            }
        }
    }

    /// Operations of a step, and its median time over half a second, after a few that warm up.
    private func measure(_ size: Size) throws -> (operations: Int, seconds: Double) {
        let widths = [Int](repeating: size.width, count: size.depth)
        let trainer = try Trainer(
            Network.dense(inputs: size.width, widths: widths), loss: CrossEntropyLoss(), optimizer: Adam(),
            settings: TrainingSettings(batchSize: size.batch), sampleShape: [size.width],
            engine: Engine(threads: options.threads))
        var random = RandomStream(seed: 1, "scaling")
        let batch = try Dataset(
            name: "scaling", sampleShape: [size.width],
            inputs: (0..<size.batch * size.width).map { _ in Float(random.normal()) },
            targets: .classes((0..<size.batch).map { Int32($0 % 10) }, names: (0..<10).map(String.init)))
        let rows = Array(0..<size.batch), clock = ContinuousClock()
        for _ in 0..<3 { try trainer.step(on: rows, of: batch) }
        var times: [Duration] = []
        let end = clock.now + .seconds(0.5)
        while clock.now < end { times.append(try clock.measure { try trainer.step(on: rows, of: batch) }) }
        let median = times.sorted()[times.count / 2]
        return (try trainer.plan(batchSize: size.batch).operations, median / .seconds(1))
    }
}
