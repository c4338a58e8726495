import CKernels
import EspalierGraph

/// Lowers convolutions: the three tensors of a convolution, whichever of them is the result.
enum LowerConvolutions {
    static func call(_ group: KernelGroup, _ plan: Plan, _ addresses: Addresses, _ records: Records) -> ConvolutionCall?
    {
        let node = group.nodes[0]
        func operand(_ index: Int) -> Operand { Operand(plan.layouts.view(node.inputs[index]), addresses) }
        switch node.primitive {
        case let forward as Convolution:
            let epilogue = group.epilogue(of: node, plan.dependencies)
            let result = Operand(View(of: epilogue.last ?? node), addresses)
            var record = work(forward.geometry, operand(0), operand(1), result)
            record.bias = epilogue.first.flatMap { plan.dependencies.bias(in: $0, of: node) }.map {
                UnsafePointer(addresses.address(of: $0))
            }
            record.relu = epilogue.contains { ($0.primitive as? Unary)?.operation == .relu } ? 1 : 0
            return ConvolutionCall(record, espalier_convolution_output, records, espalier_convolution_forward)
        case let gradient as ConvolutionInputGradient:
            let record = work(gradient.geometry, Operand(View(of: node), addresses), operand(1), operand(0))
            return ConvolutionCall(record, espalier_convolution_input, records, espalier_convolution_input_gradient)
        case let gradient as ConvolutionWeightGradient:
            let record = work(gradient.geometry, operand(0), Operand(View(of: node), addresses), operand(1))
            return ConvolutionCall(record, espalier_convolution_weight, records, espalier_convolution_weight_gradient)
        default: return nil
        }
    }

    /// A tensor as it lies in memory.
    private struct Operand {
        var shape: Shape
        var strides: [Int]
        var address: UnsafeMutablePointer<Float>

        init(_ view: View, _ addresses: Addresses) {
            shape = view.shape
            strides = view.strides
            address = addresses.address(of: view)
        }

        /// The spatial extents, or strides, with leading ones.
        func spatial(_ numbers: [Int], _ filling: Int) -> (Int64, Int64, Int64) {
            triple(Array(numbers[1..<numbers.count - 1]), filling)
        }
    }

    private static func work(
        _ geometry: ConvolutionGeometry, _ x: Operand, _ weight: Operand, _ y: Operand
    ) -> espalier_convolution {
        let kernelStrides = weight.spatial(weight.strides, 0)
        return espalier_convolution(
            x: x.address, weight: weight.address, y: y.address, bias: nil, relu: 0, samples: Int64(x.shape[0]),
            groups: Int64(geometry.groups), inputs: Int64(weight.shape[geometry.rank + 1]),
            outputs: Int64(weight.shape[0] / geometry.groups), input: x.spatial(x.shape.dimensions, 1),
            output: y.spatial(y.shape.dimensions, 1), kernel: weight.spatial(weight.shape.dimensions, 1),
            stride: triple(geometry.stride, 1), before: triple(geometry.before, 0),
            dilation: triple(geometry.dilation, 1),
            weight_strides: (
                Int64(weight.strides[0]), kernelStrides.0, kernelStrides.1, kernelStrides.2,
                Int64(weight.strides[geometry.rank + 1])
            ))
    }
}

/// A convolution or a gradient of one, and the scratch memory that it is still to be given.
struct ConvolutionCall: ScratchUser {
    typealias Function =
        @convention(c) (UnsafePointer<espalier_convolution>?, UnsafeMutablePointer<Float>?, Int32) -> Void

    private struct Record {
        var work: espalier_convolution
        var function: Function
        var scratch: UnsafeMutablePointer<Float>?
    }

    private let record: UnsafeMutablePointer<Record>
    private let result: espalier_convolution_result

    init(_ work: espalier_convolution, _ result: espalier_convolution_result, _ records: Records, _ function: Function)
    {
        record = records.store(Record(work: work, function: function, scratch: nil))
        self.result = result
    }

    func scratchElements(threads: Int) -> Int {
        Int(espalier_convolution_scratch(&record.pointee.work, result, Int32(threads)))
    }

    func useScratch(_ address: UnsafeMutablePointer<Float>, threads: Int) { record.pointee.scratch = address }

    var call: KernelCall { KernelCall(function: Self.function, record: record) }

    private static let function: KernelCall.Function = { record, threads in
        let record = record.assumingMemoryBound(to: Record.self)
        record.pointee.function(&record.pointee.work, record.pointee.scratch, threads)
        return -1
    }
}

/// Up to three numbers for as many spatial axes, with `filling` for the leading axes that are missing.
func triple(_ numbers: [Int], _ filling: Int) -> (Int64, Int64, Int64) {
    let all = [Int](repeating: filling, count: 3 - numbers.count) + numbers
    return (Int64(all[0]), Int64(all[1]), Int64(all[2]))
}
