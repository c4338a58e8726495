import CKernels
import EspalierGraph

/// The record of a kernel along rows or by indices.
struct RowRecord {
    var first: UnsafeMutablePointer<Float>
    var second: UnsafeMutablePointer<Float>?
    var result: UnsafeMutablePointer<Float>
    /// rows and width, or outer, extent, inner and count.
    var sizes: (Int64, Int64, Int64, Int64)

    var integers: UnsafeMutablePointer<Int32> {
        UnsafeMutableRawPointer(second!).assumingMemoryBound(to: Int32.self)
    }

    static func at(_ record: UnsafeMutableRawPointer) -> RowRecord {
        record.assumingMemoryBound(to: RowRecord.self).pointee
    }
}

/// Lowers kernels along rows and by indices: softmax and its relatives, gather, scatter-add.
enum LowerRows {
    static func call(
        _ node: Node, _ operands: [UnsafeMutablePointer<Float>], _ result: UnsafeMutablePointer<Float>,
        _ records: Records
    ) -> KernelCall? {
        func rows(_ function: @escaping KernelCall.Function) -> KernelCall {
            let shape = node.inputs[0].type.shape
            let width = shape.dimensions.last!
            let record = RowRecord(
                first: operands[0], second: operands.count > 1 ? operands[1] : nil, result: result,
                sizes: (Int64(shape.count / width), Int64(width), 0, 0))
            return KernelCall(function: function, record: records.store(record))
        }
        func indexed(_ whole: Shape, _ axis: Int, _ function: @escaping KernelCall.Function) -> KernelCall {
            let record = RowRecord(
                first: operands[0], second: operands[1], result: result,
                sizes: (
                    Int64(whole.dimensions[..<axis].reduce(1, *)), Int64(whole[axis]),
                    Int64(whole.dimensions[(axis + 1)...].reduce(1, *)), Int64(node.inputs[1].type.shape.count)
                ))
            return KernelCall(function: function, record: records.store(record))
        }
        switch node.primitive {
        case let softmax as Softmax where softmax.isLogarithmic: return rows(logSoftmax)
        case is Softmax: return rows(softmax)
        case is CrossEntropy: return rows(crossEntropy)
        case is ArgumentMaximum: return rows(argumentMaximum)
        case let gather as Gather: return indexed(node.inputs[0].type.shape, gather.axis, Self.gather)
        case let scatter as ScatterAdd: return indexed(node.type.shape, scatter.axis, scatterAdd)
        default: return nil
        }
    }

    private static let softmax: KernelCall.Function = { record, threads in
        let work = RowRecord.at(record)
        espalier_softmax(work.first, work.result, work.sizes.0, work.sizes.1, threads)
        return -1
    }

    private static let logSoftmax: KernelCall.Function = { record, threads in
        let work = RowRecord.at(record)
        espalier_log_softmax(work.first, work.result, work.sizes.0, work.sizes.1, threads)
        return -1
    }

    private static let crossEntropy: KernelCall.Function = { record, threads in
        let work = RowRecord.at(record)
        return espalier_cross_entropy(work.first, work.integers, work.result, work.sizes.0, work.sizes.1, threads)
    }

    private static let argumentMaximum: KernelCall.Function = { record, threads in
        let work = RowRecord.at(record)
        let result = UnsafeMutableRawPointer(work.result).assumingMemoryBound(to: Int32.self)
        espalier_argument_maximum(work.first, result, work.sizes.0, work.sizes.1, threads)
        return -1
    }

    private static let gather: KernelCall.Function = { record, threads in
        let work = RowRecord.at(record)
        return espalier_gather(
            work.first, work.integers, work.result, work.sizes.0, work.sizes.1, work.sizes.2, work.sizes.3, threads)
    }

    private static let scatterAdd: KernelCall.Function = { record, threads in
        let work = RowRecord.at(record)
        return espalier_scatter_add(
            work.first, work.integers, work.result, work.sizes.0, work.sizes.1, work.sizes.2, work.sizes.3, threads)
    }
}
