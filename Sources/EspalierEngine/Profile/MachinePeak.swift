import CKernels
import EspalierGraph
import Foundation

/// What the machine can do at most, measured with the threads that an engine uses.
public struct MachinePeak: Codable, Hashable, Sendable {
    /// How fast memory of some size is read and written.
    public struct Bandwidth: Codable, Hashable, Sendable {
        /// What a pass over the memory reads and writes together.
        public var bytes: Int
        public var bytesPerSecond: Double

        public init(bytes: Int, bytesPerSecond: Double) {
            self.bytes = bytes
            self.bytesPerSecond = bytesPerSecond
        }
    }

    public var threads: Int
    /// Arithmetic operations per second that the engine's product of large matrices reaches.
    public var operationsPerSecond: Double
    /// Of copying, from what caches hold to what only main memory holds.
    public var bandwidths: [Bandwidth]

    public init(threads: Int, operationsPerSecond: Double, bandwidths: [Bandwidth]) {
        self.threads = threads
        self.operationsPerSecond = operationsPerSecond
        self.bandwidths = bandwidths
    }

    /// Of main memory.
    public var memoryBytesPerSecond: Double { bandwidths.last?.bytesPerSecond ?? 0 }

    /// How fast a kernel that reads and writes so many bytes could do that, between the measured sizes along a straight
    /// line over their logarithms.
    public func bytesPerSecond(moving bytes: Int) -> Double {
        guard let after = bandwidths.firstIndex(where: { $0.bytes > bytes }) else { return memoryBytesPerSecond }
        guard after > 0 else { return bandwidths[0].bytesPerSecond }
        let (low, high) = (bandwidths[after - 1], bandwidths[after])
        let fraction = log(Double(bytes) / Double(low.bytes)) / log(Double(high.bytes) / Double(low.bytes))
        return low.bytesPerSecond + fraction * (high.bytesPerSecond - low.bytesPerSecond)
    }

    // Measuring

    /// The extent of the square matrices: their product is limited by arithmetic alone, and short enough that one of many
    /// is undisturbed on a machine that does other work.
    private static let extent = 768
    /// The passes' sizes: of a first-, second- and third-level cache, and beyond them.
    private static let sizes = [1 << 17, 1 << 20, 1 << 23, 1 << 28]
    /// How long to look for the best time of the product and of each copy, in seconds.
    private static let patience = (product: 0.2, copy: 0.04)

    /// Measures the machine with the threads of `engine`; takes less than a second.
    ///
    /// - Throws: `EngineError` where the product cannot be compiled.
    public init(of engine: Engine) throws {
        let extent = Self.extent
        let inputs = ["first", "second"].map { Tensor.input($0, [extent, extent]) }
        let product = inputs[0].matmul(inputs[1])
        let executable = try engine.compile(Computation(inputs: inputs, outputs: [product]))
        for index in 0..<2 { executable.input(index).floats.update(repeating: 0.5) }
        let seconds = try Self.bestTime(within: Self.patience.product) { try executable.run() }
        threads = engine.threads
        operationsPerSecond = Double(product.node.operations) / seconds
        let memory = CopiedMemory(bytes: (Self.sizes.max() ?? 0) / 2)
        bandwidths = Self.sizes.map { size in
            // Little memory one thread may copy faster than a team is woken.
            let seconds = [1, engine.threads].map { threads in
                Self.bestTime(within: Self.patience.copy) { memory.copy(size / 2, threads: threads) }
            }
            return Bandwidth(bytes: size, bytesPerSecond: Double(size) / min(seconds[0], seconds[1]))
        }
    }

    /// The shortest of as many executions as fit into some time, after one that warms up.
    private static func bestTime<Failure: Error>(
        within patience: Double, _ body: () throws(Failure) -> Void
    ) throws(Failure) -> Double {
        try body()
        var best = Double.infinity, total = 0.0
        while total < patience {
            let start = Nanoseconds.now
            try body()
            let seconds = max(Nanoseconds.now - start, 1).seconds
            best = min(best, seconds)
            total += seconds
        }
        return best
    }
}

/// Two pieces of memory, one of which is copied to the other by a team of threads.
private final class CopiedMemory {
    private struct Work {
        var source: UnsafeMutableRawPointer
        var destination: UnsafeMutableRawPointer
        var bytes: Int
    }

    private let source: Storage
    private let destination: Storage

    init(bytes: Int) {
        source = Storage(count: bytes / 4)
        destination = Storage(count: bytes / 4)
    }

    func copy(_ bytes: Int, threads: Int) {
        var work = Work(source: source.pointer, destination: destination.pointer, bytes: bytes)
        espalier_team_run(Int32(threads), Self.copyPart, &work)
    }

    private static let copyPart: @convention(c) (UnsafeMutableRawPointer?, Int32, Int32) -> Void = {
        context, member, members in
        guard let work = context?.assumingMemoryBound(to: Work.self).pointee else { return }
        let start = work.bytes / 64 * Int(member) / Int(members) * 64
        let end = work.bytes / 64 * (Int(member) + 1) / Int(members) * 64
        (work.destination + start).copyMemory(from: work.source + start, byteCount: end - start)
    }
}

/// Times by the system's clock that is never set, as whole numbers that cost nothing to keep.
typealias Nanoseconds = Int64

extension Nanoseconds {
    static var now: Nanoseconds {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    var seconds: Double { Double(self) * 1e-9 }
}
