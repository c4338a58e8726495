/// The kernels of some executions over time, in the format that chrome://tracing and Perfetto open: `trace.json`.
///
/// Complete events (`"ph": "X"`) with start and duration in microseconds; a step encloses its kernels.
public struct ChromeTrace: Encodable, Sendable {
    public struct Event: Encodable, Sendable {
        public var name: String
        /// The kind of kernel.
        public var cat: String
        /// `X` for something that takes time, `M` for the name of a process or thread.
        public var ph: String
        /// Microseconds since the first step began.
        public var ts: Double
        /// Microseconds.
        public var dur: Double
        public var pid = 1
        public var tid = 1
        public var args: Arguments
    }

    /// What a viewer shows of an event.
    public struct Arguments: Encodable, Sendable {
        /// Of what a process or thread is called.
        public var name: String?
        public var step: Int?
        public var kernel: Int?
        public var operands: [String]?
        public var results: [String]?
        public var operations: Int?
        public var bytesRead: Int?
        public var bytesWritten: Int?
    }

    public private(set) var traceEvents: [Event]
    public let displayTimeUnit = "ns"

    /// - Parameters:
    ///   - profile: What the kernels are.
    ///   - times: When they ran.
    public init(_ profile: Profile, _ times: KernelTimes) {
        let origin = times.span(0).lowerBound
        func event(_ name: String, _ kind: String, _ span: Range<Nanoseconds>, _ arguments: Arguments) -> Event {
            Event(
                name: name, cat: kind, ph: "X", ts: Double(span.lowerBound - origin) / 1000,
                dur: Double(span.upperBound - span.lowerBound) / 1000, args: arguments)
        }
        traceEvents = [("process_name", "Espalier"), ("thread_name", profile.name)].map { kind, name in
            Event(name: kind, cat: "__metadata", ph: "M", ts: 0, dur: 0, args: Arguments(name: name))
        }
        for step in 0..<times.executions {
            traceEvents.append(event(profile.name, "step", times.span(step), Arguments(step: step)))
            for kernel in profile.kernels {
                traceEvents.append(
                    event(
                        kernel.name, kernel.kind, times.span(step, kernel.index),
                        Arguments(
                            step: step, kernel: kernel.index, operands: kernel.operands, results: kernel.results,
                            operations: kernel.operations, bytesRead: kernel.bytesRead,
                            bytesWritten: kernel.bytesWritten)))
            }
        }
    }
}
