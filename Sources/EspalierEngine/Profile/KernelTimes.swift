/// When each kernel of some executions began and ended.
public struct KernelTimes: Sendable {
    /// Kernels of one execution.
    public let kernels: Int
    /// When the first kernel began, then when each ended, execution after execution: the next begins where one ends.
    private(set) var moments: [Nanoseconds] = []

    /// - Parameters:
    ///   - executable: What is going to be executed.
    ///   - capacity: For so many executions there is memory from the start.
    public init(_ executable: Executable, capacity: Int) {
        kernels = executable.plan.kernelCount
        moments.reserveCapacity(capacity * (kernels + 1))
    }

    /// How many executions there are times of.
    public var executions: Int { moments.count / (kernels + 1) }

    /// Forgets the first `count` executions.
    public mutating func removeFirst(_ count: Int) { moments.removeFirst(count * (kernels + 1)) }

    mutating func append(_ moment: Nanoseconds) { moments.append(moment) }

    /// Forgets all from the execution on that was not finished.
    mutating func removeUnfinished() { moments.removeLast(moments.count % (kernels + 1)) }

    /// When the kernel with this number began and ended in an execution.
    func span(_ execution: Int, _ kernel: Int) -> Range<Nanoseconds> {
        let index = execution * (kernels + 1) + kernel
        return moments[index]..<moments[index + 1]
    }

    /// When an execution began and ended.
    func span(_ execution: Int) -> Range<Nanoseconds> {
        let start = execution * (kernels + 1)
        return moments[start]..<moments[start + kernels]
    }
}

extension Executable {
    /// Computes what `run()` does, and notes when each kernel began and ended.
    ///
    /// - Throws: `EngineError` as `run()` does; there are no times of that execution then.
    public func run(timing times: inout KernelTimes) throws {
        precondition(times.kernels == plan.kernelCount, "these are times of another executable")
        try enter()
        var index = 0
        times.append(.now)
        for end in kernelEnds where end > index {
            if let gate, index == gate.end, gate.value.pointee != 0 { return times.removeUnfinished() }
            while index < end {
                let position = calls[index].function(calls[index].record, Int32(threads))
                if position >= 0 {
                    times.removeUnfinished()
                    throw failure(ofCall: index, at: Int(position))
                }
                index += 1
            }
            times.append(.now)
        }
    }

    /// Executes some times and says what each kernel does and how long it takes.
    ///
    /// - Parameters:
    ///   - steps: Executions that are timed, after a quarter as many that are not; updates are done in all of them.
    ///   - name: What the plan is for.
    ///   - peak: What the machine can do at most.
    /// - Throws: `EngineError` as `run()` does.
    public func profile(steps: Int = 20, name: String = "plan", peak: MachinePeak) throws -> Profile {
        precondition(steps >= 1, "a profile needs at least one execution")
        for _ in 0..<steps / 4 { try run() }
        var times = KernelTimes(self, capacity: steps)
        for _ in 0..<steps { try run(timing: &times) }
        return Profile(of: self, name: name, times: times, peak: peak)
    }
}
