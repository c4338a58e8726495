import EspalierGraph
import Foundation
import Testing

@testable import EspalierEngine

extension EngineTests {
    /// What a profile says of a plan is true of it.
    @Suite struct ProfileTests {
        /// Made up, so that what follows from it is known: 1 Gflop/s, 4 GB/s from a cache of 1 kB, 1 GB/s from 1 MB on.
        private let peak = MachinePeak(
            threads: 1, operationsPerSecond: 1e9,
            bandwidths: [
                .init(bytes: 1000, bytesPerSecond: 4e9), .init(bytes: 1_000_000, bytesPerSecond: 1e9),
            ])

        private func profile(_ computation: Computation, steps: Int = 3) throws -> (Executable, Profile) {
            let executable = try Engine(threads: 1).compile(computation)
            return (executable, try executable.profile(steps: steps, peak: peak))
        }

        /// A bias and a ReLU are part of the product's kernel, its second operand lies transposed.
        @Test func aProductIsCountedExactly() throws {
            let x = Tensor.input("x", [6, 10]), w = Tensor.input("w", [7, 10]), b = Tensor.input("b", [7])
            let y = (x.matmul(w.transposed([1, 0])) + b).relu()
            let (executable, profile) = try profile(Computation(inputs: [x, w, b], outputs: [y]))
            try #require(profile.kernels.count == 1 && executable.plan.kernelCount == 1)
            let kernel = profile.kernels[0]
            #expect(kernel.kind == "matrix product" && kernel.name == "matrix multiply, add, relu")
            #expect(kernel.operations == 2 * 6 * 7 * 10 + 42 + 42)
            #expect(kernel.bytesRead == 4 * (60 + 70 + 7) && kernel.bytesWritten == 4 * 42)
            #expect(kernel.shape == [6, 7] && kernel.results == ["float32[6, 7]"])
            #expect(kernel.operands.contains("float32[6, 10] of x"))
        }

        @Test func strangeLayoutsAreShown() throws {
            let x = Tensor.input("x", [4, 6]), y = Tensor.input("y", [4])
            let (_, profile) = try profile(
                Computation(inputs: [x, y], outputs: [x.transposed([1, 0]) * y + 1]))
            let kernel = try #require(profile.kernels.first)
            #expect(
                kernel.operands == ["float32[6, 4] of x, strides [1, 6]", "float32[6, 4] of y, strides [0, 1]"])
            #expect(kernel.operations == 48 && kernel.bytesRead == 4 * (24 + 4) && kernel.bytesWritten == 96)
            #expect(kernel.kind == "element-wise" && kernel.name == "multiply, add")
        }

        /// Squares that two kernels need are computed in both, instead of being stored.
        @Test func whatIsComputedAgainIsCountedAgain() throws {
            let x = Tensor.input("x", [4, 6]), squares = x.squared()
            let (executable, profile) = try profile(
                Computation(inputs: [x], outputs: [squares.sum(axes: [0]), squares.sum(axes: [1])]))
            try #require(executable.plan.kernelCount == 2)
            #expect(profile.kernels.map(\.operations) == [48, 48])
            #expect(profile.kernels.map(\.bytesRead) == [96, 96])
            #expect(profile.kernels.map(\.bytesWritten) == [24, 16])
        }

        /// Gather, padding, concatenation, reductions, softmax, an update that is copied.
        @Test func everyKernelIsListedOnce() throws {
            let table = Tensor.input("table", [50, 8]), rows = Tensor.input("rows", [5], .int32)
            let taken = table.gather(rows)
            let padded = taken.padded(before: [1, 0], after: [0, 2])
            let joined = Tensor.concatenate([padded, padded.exp()], axis: 1)
            let memory = Tensor(Storage(count: 60), [6, 10])
            let computation = Computation(
                inputs: [table, rows], outputs: [joined, joined.sum(axes: [1]), taken.softmax()],
                updates: [.init(memory, memory.transposed([1, 0]).reshaped(to: [6, 10]))])
            let (executable, profile) = try profile(computation)
            #expect(profile.kernels.count == executable.plan.kernelCount)
            #expect(profile.kernels.map(\.index) == Array(profile.kernels.indices))
            let gather = try #require(profile.kernels.first { $0.kind == "gather" })
            #expect(gather.bytesRead == 4 * (40 + 5) && gather.bytesWritten == 160 && gather.operations == 0)
            let softmax = try #require(profile.kernels.first { $0.kind == "softmax" })
            #expect(softmax.operations == 5 * 40)
            #expect(Set(profile.kernels.map(\.kind)).isSuperset(of: ["gather", "softmax", "copy", "reduction"]))
            #expect(profile.arenaBytes == executable.plan.arenaBytes && profile.bytes == executable.bytes)
        }

        @Test func totalsAreThoseOfTheKernels() throws {
            let x = Tensor.input("x", [64, 64])
            let y = x.matmul(x).exp().softmax()
            let (_, profile) = try profile(Computation(inputs: [x], outputs: [y, y.sum()]), steps: 9)
            #expect(profile.steps == 9 && profile.kernels.allSatisfy { $0.seconds > 0 })
            #expect(abs(profile.kernels.reduce(0) { $0 + $1.share } - 1) < 1e-9)
            #expect(profile.operations == profile.kernels.reduce(0) { $0 + $1.operations })
            #expect(profile.kinds.reduce(0) { $0 + $1.count } == profile.kernels.count)
            #expect(profile.kinds.map(\.share) == profile.kinds.map(\.share).sorted(by: >))
            for kernel in profile.kernels {
                let bytes = kernel.bytesRead + kernel.bytesWritten
                let shortest = max(Double(kernel.operations) / 1e9, Double(bytes) / peak.bytesPerSecond(moving: bytes))
                #expect(abs(kernel.shareOfPeak * kernel.seconds / shortest - 1) < 1e-9)
                let isArithmetic = Double(kernel.operations) / 1e9 == shortest
                #expect(kernel.limit == (isArithmetic ? .arithmetic : .memory))
            }
        }

        @Test func bandwidthsBetweenTheMeasuredSizes() {
            #expect(peak.bytesPerSecond(moving: 0) == 4e9 && peak.bytesPerSecond(moving: 1000) == 4e9)
            #expect(peak.bytesPerSecond(moving: 1_000_000) == 1e9 && peak.bytesPerSecond(moving: 1 << 40) == 1e9)
            #expect(abs(peak.bytesPerSecond(moving: 31_623) / 2.5e9 - 1) < 1e-4)
            #expect(peak.memoryBytesPerSecond == 1e9)
        }

        /// Running with the clock computes the same, updates included.
        @Test func timingChangesNothing() throws {
            let x = Tensor(Storage(count: 30), [30])
            func trained(_ run: (Executable) throws -> Void) throws -> [Float] {
                x.leaf?.storage?.floats.update(repeating: 1)
                let update = Computation(outputs: [x.sum()], updates: [.init(x, x * 1.5 - x.sum() * 0.01)])
                let executable = try Engine(threads: 1).compile(update)
                for _ in 0..<5 { try run(executable) }
                return Array(x.leaf!.storage!.floats)
            }
            let plain = try trained { try $0.run() }
            var executions = 0
            let timed = try trained { executable in
                var times = KernelTimes(executable, capacity: 1)
                try executable.run(timing: &times)
                executions += times.executions
            }
            #expect(plain == timed && executions == 5 && plain[0] != 1)
        }

        @Test func anExecutionThatFailsIsNotTimed() throws {
            let table = Tensor.input("table", [3, 2]), rows = Tensor.input("rows", [2], .int32)
            let taken = table.exp().gather(rows)
            let executable = try Engine(threads: 1).compile(Computation(inputs: [table, rows], outputs: [taken]))
            var times = KernelTimes(executable, capacity: 2)
            try executable.run(timing: &times)
            executable.input(1).integers[1] = 7
            let error = #expect(throws: EngineError.self) { try executable.run(timing: &times) }
            #expect(error?.description.contains("index 7 at position 1 is out of range") == true)
            executable.input(1).integers[1] = 2
            try executable.run(timing: &times)
            #expect(times.executions == 2 && times.moments.count == 2 * (1 + times.kernels))
        }

        @Test func itComesBackFromJSON() throws {
            let x = Tensor.input("x", [8, 8])
            let (_, profile) = try profile(Computation(inputs: [x], outputs: [x.matmul(x).softmax()]))
            let copy = try JSONDecoder().decode(Profile.self, from: JSONEncoder().encode(profile))
            #expect(copy == profile)
        }

        /// Complete events, a step around its kernels, in the order in which they ran.
        @Test func theTraceIsOneThatViewersOpen() throws {
            let x = Tensor.input("x", [8, 8])
            let executable = try Engine(threads: 1).compile(Computation(inputs: [x], outputs: [x.matmul(x).softmax()]))
            var times = KernelTimes(executable, capacity: 4)
            for _ in 0..<4 { try executable.run(timing: &times) }
            let profile = Profile(of: executable, name: "a \"plan\"", times: times, peak: peak)
            let data = try JSONEncoder().encode(ChromeTrace(profile, times))
            let trace = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
            let events = try #require(trace["traceEvents"] as? [[String: Any]])
            #expect(events.count == 2 + 4 * (1 + profile.kernels.count))
            var end = 0.0
            for event in events where event["ph"] as? String == "X" {
                let start = try #require(event["ts"] as? Double), duration = try #require(event["dur"] as? Double)
                #expect(event["pid"] as? Int == 1 && event["tid"] as? Int == 1 && event["name"] is String)
                let arguments = try #require(event["args"] as? [String: Any])
                if event["cat"] as? String == "step" {
                    #expect(start >= end - 1e-3)
                    end = start
                } else {
                    let index = try #require(arguments["kernel"] as? Int)
                    #expect(abs(start - end) < 1e-3 && duration >= 0)
                    #expect(arguments["operations"] as? Int == profile.kernels[index].operations)
                    #expect(arguments["bytesRead"] as? Int == profile.kernels[index].bytesRead)
                    end = start + duration
                }
            }
            #expect(events.count { $0["ph"] as? String == "M" } == 2)
        }

        @Test func theTableHasEveryKernelAndFitsAScreen() throws {
            let x = Tensor.input("x", [8, 8])
            let (_, profile) = try profile(Computation(inputs: [x], outputs: [x.matmul(x).exp().softmax()]))
            let lines = profile.description.split(separator: "\n")
            #expect(lines[0] == "plan: \(profile.kernels.count) kernels, medians of 3 steps, threads: 1")
            #expect(lines.count >= profile.kernels.count + 6)
            let table = lines[1..<profile.kernels.count + 3]
            #expect(Set(table.map(\.count)).count == 1 && table.allSatisfy { $0.count <= 150 })
            #expect(table.dropFirst().first?.contains("matrix product: matrix multiply") == true)
        }

        @Test func theMachineIsMeasured() throws {
            let start = ContinuousClock.now
            let peak = try MachinePeak(of: Engine(threads: 2))
            // Less than a second where the machine has nothing else to do.
            #expect(start.duration(to: .now) < .seconds(8))
            #expect(peak.threads == 2 && peak.operationsPerSecond > 1e8)
            #expect(peak.bandwidths.count == 4 && peak.bandwidths.allSatisfy { $0.bytesPerSecond > 1e7 })
        }
    }
}
