import CKernels
import EspalierGraph

/// Lowers kernels along one axis: running sums, elements by their indices, sorting.
enum LowerAxes {
    static func call(
        _ node: Node, _ operands: [UnsafeMutablePointer<Float>], _ result: UnsafeMutablePointer<Float>,
        _ records: Records
    ) -> KernelCall? {
        let shape = node.inputs.first?.type.shape ?? []
        func along(_ whole: Shape, _ axis: Int, count: Int, _ function: @escaping KernelCall.Function) -> KernelCall {
            let record = RowRecord(
                first: operands[0], second: operands.count > 1 ? operands[1] : nil, result: result,
                sizes: (
                    Int64(whole.dimensions[..<axis].reduce(1, *)), Int64(whole[axis]),
                    Int64(whole.dimensions[(axis + 1)...].reduce(1, *)), Int64(count)
                ))
            return KernelCall(function: function, record: records.store(record))
        }
        switch node.primitive {
        case let sum as CumulativeSum:
            return along(shape, sum.axis, count: sum.isReversed ? 1 : 0, cumulativeSum)
        case let take as TakeAlongAxis:
            return along(shape, take.axis, count: node.type.shape[take.axis], Self.take)
        case let add as AddAlongAxis:
            return along(node.type.shape, add.axis, count: shape[add.axis], Self.add)
        case let sort as ArgumentSort:
            return along(shape, shape.rank - 1, count: sort.count, sort.isDescending ? sortDown : sortUp)
        default: return nil
        }
    }

    private static let cumulativeSum: KernelCall.Function = { record, threads in
        let work = RowRecord.at(record)
        espalier_cumulative_sum(
            work.first, work.result, work.sizes.0, work.sizes.1, work.sizes.2, Int32(work.sizes.3), threads)
        return -1
    }

    private static let take: KernelCall.Function = { record, threads in
        let work = RowRecord.at(record)
        return espalier_take_along_axis(
            work.first, work.integers, work.result, work.sizes.0, work.sizes.1, work.sizes.2, work.sizes.3, threads)
    }

    private static let add: KernelCall.Function = { record, threads in
        let work = RowRecord.at(record)
        return espalier_add_along_axis(
            work.first, work.integers, work.result, work.sizes.0, work.sizes.1, work.sizes.2, work.sizes.3, threads)
    }

    private static let sortUp: KernelCall.Function = { record, threads in sort(record, descending: 0, threads) }
    private static let sortDown: KernelCall.Function = { record, threads in sort(record, descending: 1, threads) }

    private static func sort(_ record: UnsafeMutableRawPointer, descending: Int32, _ threads: Int32) -> Int64 {
        let work = RowRecord.at(record)
        let result = UnsafeMutableRawPointer(work.result).assumingMemoryBound(to: Int32.self)
        espalier_argument_sort(
            work.first, result, work.sizes.0, work.sizes.1, work.sizes.3, descending, threads)
        return -1
    }
}
