import CKernels
import EspalierGraph

/// Lowers poolings and their gradients.
enum LowerPoolings {
    static func call(
        _ node: Node, _ operands: [UnsafeMutablePointer<Float>], _ result: UnsafeMutablePointer<Float>,
        _ records: Records
    ) -> KernelCall? {
        func call(_ axes: [PoolingAxis], _ function: @escaping KernelCall.Function) -> KernelCall {
            let missing = [PoolingAxis](repeating: .single, count: 3 - axes.count)
            let all = (missing + axes).map { windows($0, records) }
            let shape = node.type.shape
            let work = espalier_pooling(
                x: operands[0], values: operands[operands.count - 1], result: result, samples: Int64(shape[0]),
                channels: Int64(shape[shape.rank - 1]), axes: (all[0], all[1], all[2]))
            return KernelCall(function: function, record: records.store(work))
        }
        switch node.primitive {
        case let pool as MaximumPool: return call(pool.axes, maximum)
        case let gradient as MaximumPoolGradient: return call(gradient.axes, maximumGradient)
        case let pool as AveragePool: return call(pool.axes, average)
        case let gradient as AveragePoolGradient: return call(gradient.axes, averageGradient)
        default: return nil
        }
    }

    private static func windows(_ axis: PoolingAxis, _ records: Records) -> espalier_pooling_axis {
        espalier_pooling_axis(
            extent: Int64(axis.extent), count: Int64(axis.count), step: Int64(axis.step),
            starts: records.store(axis.starts.map(Int64.init)), ends: records.store(axis.ends.map(Int64.init)),
            shares: records.store(axis.divisors.map { 1 / Float($0) }))
    }

    private static let maximum: KernelCall.Function = { record, threads in
        espalier_maximum_pool(record.assumingMemoryBound(to: espalier_pooling.self), threads)
        return -1
    }

    private static let maximumGradient: KernelCall.Function = { record, threads in
        espalier_maximum_pool_gradient(record.assumingMemoryBound(to: espalier_pooling.self), threads)
        return -1
    }

    private static let average: KernelCall.Function = { record, threads in
        espalier_average_pool(record.assumingMemoryBound(to: espalier_pooling.self), threads)
        return -1
    }

    private static let averageGradient: KernelCall.Function = { record, threads in
        espalier_average_pool_gradient(record.assumingMemoryBound(to: espalier_pooling.self), threads)
        return -1
    }
}
