import EspalierGraph

/// What a plan's time is spent on, kernel by kernel: `profile.json`.
///
/// Times are medians over executions. The shortest time that a kernel could take is the longer of two: its operations
/// at the rate of large matrix products, its bytes at the rate of copying as many. That over its own time is its share
/// of the machine's peak. Operations and bytes are estimates: an elementary function counts as one operation, and each
/// element that is met as read or written once.
public struct Profile: Codable, Hashable, Sendable {
    /// What limits a kernel more.
    public enum Limit: String, Codable, Sendable {
        case arithmetic, memory
    }

    /// One kernel of the plan.
    public struct Kernel: Codable, Hashable, Sendable {
        /// The position in the order of execution, from 0.
        public var index: Int
        /// What kernels are counted together by: `matrix product`, `element-wise`.
        public var kind: String
        /// What is computed.
        public var name: String
        /// What is read, with its shape, and its strides where it does not lie contiguously.
        public var operands: [String]
        /// What is written.
        public var results: [String]
        /// Of the first result.
        public var shape: [Int]
        public var operations: Int
        public var bytesRead: Int
        public var bytesWritten: Int
        /// The median.
        public var seconds: Double
        /// Of the sum over all kernels.
        public var share: Double
        /// The shortest time that the machine could do it in, over `seconds`.
        public var shareOfPeak: Double
        public var limit: Limit

        public var operationsPerSecond: Double { rate(operations) }
        public var bytesPerSecond: Double { rate(bytesRead + bytesWritten) }

        private func rate(_ count: Int) -> Double { seconds > 0 ? Double(count) / seconds : 0 }
    }

    /// What the plan is for.
    public var name: String
    /// How many executions were timed.
    public var steps: Int
    /// In the order of execution.
    public var kernels: [Kernel]
    /// The median over whole executions.
    public var stepSeconds: Double
    /// The shortest time that the machine could do all kernels in, over theirs.
    public var shareOfPeak: Double
    /// All intermediate results, as planned.
    public var arenaBytes: Int
    /// Intermediate results, inputs and scratch memory.
    public var bytes: Int
    public var peak: MachinePeak

    /// - Parameters:
    ///   - executable: What was executed.
    ///   - name: What the plan is for.
    ///   - times: Of at least one execution.
    ///   - peak: What the machine can do at most.
    public init(of executable: Executable, name: String, times: KernelTimes, peak: MachinePeak) {
        precondition(times.executions >= 1, "a profile needs at least one execution")
        self.name = name
        self.peak = peak
        steps = times.executions
        arenaBytes = executable.plan.arenaBytes
        bytes = executable.bytes
        stepSeconds = median((0..<steps).map { times.span($0).seconds })
        kernels = executable.plan.describedKernels().enumerated().map { index, description in
            let seconds = median((0..<times.executions).map { times.span($0, index).seconds })
            return Kernel(index, description, seconds: seconds, peak)
        }
        let total = kernels.reduce(0) { $0 + $1.seconds }
        for index in kernels.indices { kernels[index].share = total > 0 ? kernels[index].seconds / total : 0 }
        shareOfPeak = kernels.reduce(0) { $0 + $1.shareOfPeak * $1.share }
    }

    /// The sum over the kernels' medians.
    public var kernelSeconds: Double { kernels.reduce(0) { $0 + $1.seconds } }
    public var operations: Int { kernels.reduce(0) { $0 + $1.operations } }
    public var bytesMoved: Int { kernels.reduce(0) { $0 + $1.bytesRead + $1.bytesWritten } }

    /// How often each kind of kernel occurs, and its share of the time; the largest share first.
    public var kinds: [(kind: String, count: Int, share: Double)] {
        Dictionary(grouping: kernels, by: \.kind)
            .map { ($0.key, $0.value.count, $0.value.reduce(0) { $0 + $1.share }) }
            .sorted { ($1.2, $0.0) < ($0.2, $1.0) }
    }
}

extension Profile.Kernel {
    fileprivate init(_ index: Int, _ description: KernelDescription, seconds: Double, _ peak: MachinePeak) {
        let bytes = description.bytesRead + description.bytesWritten
        let arithmetic = Double(description.operations) / peak.operationsPerSecond
        let memory = Double(bytes) / peak.bytesPerSecond(moving: bytes)
        self.init(
            index: index, kind: description.kind, name: description.name, operands: description.operands,
            results: description.results, shape: description.shape, operations: description.operations,
            bytesRead: description.bytesRead, bytesWritten: description.bytesWritten, seconds: seconds, share: 0,
            shareOfPeak: seconds > 0 ? max(arithmetic, memory) / seconds : 0,
            limit: arithmetic > memory ? .arithmetic : .memory)
    }
}

extension Range<Nanoseconds> {
    fileprivate var seconds: Double { (upperBound - lowerBound).seconds }
}

private func median(_ values: [Double]) -> Double {
    let sorted = values.sorted(), middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
