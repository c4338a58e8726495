import CKernels
import COneDNN

/// A call of oneDNN failed.
func check(_ status: dnnl_status_t, _ call: String) throws {
    guard status == dnnl_success else {
        throw EngineError("oneDNN: \(call) failed with status \(status.rawValue)")
    }
}

/// oneDNN's engine and stream for the processor.
final class OneDNN {
    let engine: dnnl_engine_t
    let stream: dnnl_stream_t

    init() throws {
        var engine: dnnl_engine_t?
        try check(dnnl_engine_create(&engine, dnnl_cpu, 0), "dnnl_engine_create")
        var stream: dnnl_stream_t?
        try check(
            dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_in_order.rawValue)), "dnnl_stream_create")
        self.engine = engine!
        self.stream = stream!
    }

    deinit {
        dnnl_stream_destroy(stream)
        dnnl_engine_destroy(engine)
    }
}

/// The extents and strides of an operand, and where it lies.
struct OneDNNOperand {
    var dimensions: [Int]
    var strides: [Int]
    var address: UnsafeMutablePointer<Float>

    /// The part of `range` along `axis`, counted from the end: 1 is the last.
    func sliced(_ range: Range<Int>, fromEnd axis: Int) -> OneDNNOperand {
        var part = self
        let index = dimensions.count - axis
        part.dimensions[index] = range.count
        part.address += range.lowerBound * strides[index]
        return part
    }
}

/// A matrix product of oneDNN, with its operands bound: destination = ReLU?(first x second + bias?).
final class OneDNNMatrixProduct {
    private var primitive: dnnl_primitive_t?
    private var memories: [dnnl_memory_t] = []
    private var descriptors: [dnnl_memory_desc_t] = []
    private let library: OneDNN
    private let threads: Int
    private let arguments: UnsafeMutablePointer<dnnl_exec_arg_t>
    private var argumentCount = 0
    /// Bytes of scratch memory that an execution needs.
    private(set) var scratchBytes = 0

    init(
        _ library: OneDNN, first: OneDNNOperand, second: OneDNNOperand, bias: OneDNNOperand?,
        destination: OneDNNOperand, relu: Bool, threads: Int
    ) throws {
        self.library = library
        self.threads = threads
        // The library plans for as many threads as the team has when a primitive is made.
        espalier_team_set_size(Int32(threads))
        arguments = .allocate(capacity: 5)
        var attributes: dnnl_primitive_attr_t?
        try check(dnnl_primitive_attr_create(&attributes), "dnnl_primitive_attr_create")
        defer { dnnl_primitive_attr_destroy(attributes) }
        try check(
            dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user),
            "dnnl_primitive_attr_set_scratchpad_mode")
        if relu {
            var operations: dnnl_post_ops_t?
            try check(dnnl_post_ops_create(&operations), "dnnl_post_ops_create")
            defer { dnnl_post_ops_destroy(operations) }
            try check(dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_relu, 0, 0), "dnnl_post_ops_append_eltwise")
            try check(dnnl_primitive_attr_set_post_ops(attributes, operations), "dnnl_primitive_attr_set_post_ops")
        }
        let source = try descriptor(first), weights = try descriptor(second), result = try descriptor(destination)
        let biasDescriptor = try bias.map(descriptor)
        var description: dnnl_primitive_desc_t?
        try check(
            dnnl_matmul_primitive_desc_create(
                &description, library.engine, source, weights, biasDescriptor, result, attributes),
            "dnnl_matmul_primitive_desc_create")
        defer { dnnl_primitive_desc_destroy(description) }
        try check(dnnl_primitive_create(&primitive, description), "dnnl_primitive_create")
        try bind(DNNL_ARG_SRC, source, first.address)
        try bind(DNNL_ARG_WEIGHTS, weights, second.address)
        try bind(DNNL_ARG_DST, result, destination.address)
        if let bias, let biasDescriptor { try bind(DNNL_ARG_BIAS, biasDescriptor, bias.address) }
        if let scratchpad = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0) {
            scratchBytes = dnnl_memory_desc_get_size(scratchpad)
            if scratchBytes > 0 { try bind(DNNL_ARG_SCRATCHPAD, scratchpad, nil) }
        }
    }

    deinit {
        if let primitive { dnnl_primitive_destroy(primitive) }
        for memory in memories { dnnl_memory_destroy(memory) }
        for descriptor in descriptors { dnnl_memory_desc_destroy(descriptor) }
        arguments.deallocate()
    }

    /// Gives the product its scratch memory; needed before the first execution.
    func useScratch(_ address: UnsafeMutableRawPointer) throws {
        guard scratchBytes > 0 else { return }
        try check(dnnl_memory_set_data_handle(memories.last, address), "dnnl_memory_set_data_handle")
    }

    /// What the executor calls: a plain record of the prepared arguments.
    func call() -> OneDNNCall {
        OneDNNCall(
            threads: Int32(threads), primitive: primitive!, stream: library.stream, count: Int32(argumentCount),
            arguments: arguments)
    }

    private func descriptor(_ operand: OneDNNOperand) throws -> dnnl_memory_desc_t {
        var result: dnnl_memory_desc_t?
        try check(
            dnnl_memory_desc_create_with_strides(
                &result, Int32(operand.dimensions.count), operand.dimensions.map(Int64.init), dnnl_f32,
                operand.strides.map(Int64.init)),
            "dnnl_memory_desc_create_with_strides")
        descriptors.append(result!)
        return result!
    }

    private func bind(
        _ argument: Int32, _ descriptor: const_dnnl_memory_desc_t, _ address: UnsafeMutablePointer<Float>?
    ) throws {
        var memory: dnnl_memory_t?
        try check(
            dnnl_memory_create(&memory, descriptor, library.engine, address.map { UnsafeMutableRawPointer($0) }),
            "dnnl_memory_create")
        memories.append(memory!)
        arguments[argumentCount] = dnnl_exec_arg_t(arg: argument, memory: memory)
        argumentCount += 1
    }
}

/// A prepared call of a oneDNN primitive.
struct OneDNNCall {
    /// The threads that the primitive was made for.
    var threads: Int32
    var primitive: dnnl_primitive_t
    var stream: dnnl_stream_t
    var count: Int32
    var arguments: UnsafeMutablePointer<dnnl_exec_arg_t>

    func callAsFunction() -> Int64 {
        espalier_team_set_size(threads)
        return dnnl_primitive_execute(primitive, stream, count, arguments) == dnnl_success ? -1 : 0
    }
}
