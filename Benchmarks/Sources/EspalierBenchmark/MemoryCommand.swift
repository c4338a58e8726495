import ArgumentParser
import Espalier
import Foundation

/// Shows that training takes no more memory the longer it lasts.
struct MemoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory", abstract: "Trains small networks for many steps; fails where resident memory grows.")

    @Option(help: "How many steps each network trains.")
    var steps = 10_000

    @Option(help: "After how many steps memory is read first.")
    var from = 1000

    @Option(help: "The growth in bytes from which on the command fails.")
    var limit = 1_000_000

    @OptionGroup var options: ThreadOptions

    func validate() throws {
        guard from >= 1, steps > from else {
            throw ValidationError("--steps: expected more than --from, which is at least 1")
        }
    }

    func run() throws {
        var growing: [String] = []
        for (name, model, data) in try Self.trainings() {
            let trainer = try Trainer(
                model, loss: CrossEntropyLoss(), optimizer: Adam(), sampleShape: Shape(data.sampleShape),
                targetShape: data.labelsPerSample == 1 ? [] : Shape(data.sampleShape),
                engine: Engine(threads: options.threads))
            let rows = 0..<data.count
            for _ in 0..<from { try trainer.step(on: rows, of: data) }
            let before = try residentBytes()
            for _ in from..<steps { try trainer.step(on: rows, of: data) }
            let growth = try residentBytes() - before
            print("\(name): \(before) bytes after \(from) steps, \(growth) more after \(steps)")
            if growth >= limit { growing.append(name) }
        }
        guard growing.isEmpty else {
            throw EspalierError("resident memory grows while training \(growing.joined(separator: ", "))")
        }
    }

    /// Networks of each kind, with dropout, and a batch for each.
    private static func trainings() throws -> [(name: String, model: Sequential, data: Dataset)] {
        let mlp = Sequential {
            Linear(16, 32)
            BatchNorm(32)
            ReLU()
            Dropout(p: 0.2)
            Linear(32, 10)
        }
        let cnn = Sequential {
            Conv2d(3, 8, kernelSize: 3, padding: 1)
            BatchNorm(8)
            ReLU()
            MaxPool2d(kernelSize: 2)
            Residual { Conv2d(8, 8, kernelSize: 3, padding: 1) }
            Flatten()
            Dropout(p: 0.2)
            Linear(8 * 4 * 4, 10)
        }
        let lstm = Sequential {
            LSTM(8, 16, layers: 2, dropout: 0.2, bidirectional: true, returnsSequences: false)
            Linear(32, 10)
        }
        let transformer = Sequential {
            Embedding(10, 16)
            PositionalEmbedding(12, 16)
            TransformerBlock(16, heads: 2, isCausal: true, dropout: 0.2)
            LayerNorm(16)
            Linear(16, 10)
        }
        return [
            ("mlp", mlp, try batch([16])), ("cnn", cnn, try batch([3, 8, 8])), ("lstm", lstm, try batch([12, 8])),
            ("transformer", transformer, try batch([12], ofSymbols: true)),
        ]
    }

    /// Sixteen random samples: of numbers with one label each, or of symbols with a label for each.
    private static func batch(_ shape: [Int], ofSymbols: Bool = false) throws -> Dataset {
        var random = RandomStream(seed: 1, "memory")
        let values = 16 * shape.reduce(1, *)
        return try Dataset(
            name: "memory", sampleShape: shape,
            inputs: (0..<values).map { _ in ofSymbols ? Float(random.next() % 10) : Float(random.normal()) },
            targets: .classes(
                (0..<(ofSymbols ? values : 16)).map { _ in Int32(random.next() % 10) },
                names: (0..<10).map(String.init)))
    }

    /// The process's resident set, counted page by page: `/proc/self/status` may be hundreds of pages behind.
    private func residentBytes() throws -> Int {
        let path = "/proc/self/smaps_rollup"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("Rss:") }),
            let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
        else { throw EspalierError("no resident set", at: path, expected: "a line Rss: N kB") }
        return kibibytes * 1024
    }
}
