import CKernels
import EspalierGraph

/// Pass 5, convolutions: the three tensors of a convolution, whichever of them is the result.
enum LowerConvolutions {
    static func call(_ node: Node, _ plan: Plan, _ addresses: Addresses, _ records: Records) -> KernelCall? {
        let result = Operand(View(of: node), addresses)
        func operand(_ index: Int) -> Operand { Operand(plan.layouts.view(node.inputs[index]), addresses) }
        func call(
            _ geometry: ConvolutionGeometry, x: Operand, weight: Operand, y: Operand,
            _ function: @escaping KernelCall.Function
        ) -> KernelCall {
            KernelCall(function: function, record: records.store(work(geometry, x, weight, y)))
        }
        switch node.primitive {
        case let forward as Convolution:
            return call(forward.geometry, x: operand(0), weight: operand(1), y: result, Self.forward)
        case let gradient as ConvolutionInputGradient:
            return call(gradient.geometry, x: result, weight: operand(1), y: operand(0), inputGradient)
        case let gradient as ConvolutionWeightGradient:
            return call(gradient.geometry, x: operand(0), weight: result, y: operand(1), weightGradient)
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
            x: x.address, weight: weight.address, y: y.address, samples: Int64(x.shape[0]),
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

    private static let forward: KernelCall.Function = { record, threads in
        espalier_convolution_forward(record.assumingMemoryBound(to: espalier_convolution.self), threads)
        return -1
    }

    private static let inputGradient: KernelCall.Function = { record, threads in
        espalier_convolution_input_gradient(record.assumingMemoryBound(to: espalier_convolution.self), threads)
        return -1
    }

    private static let weightGradient: KernelCall.Function = { record, threads in
        espalier_convolution_weight_gradient(record.assumingMemoryBound(to: espalier_convolution.self), threads)
        return -1
    }
}

/// Up to three numbers for as many spatial axes, with `filling` for the leading axes that are missing.
func triple(_ numbers: [Int], _ filling: Int) -> (Int64, Int64, Int64) {
    let all = [Int](repeating: filling, count: 3 - numbers.count) + numbers
    return (Int64(all[0]), Int64(all[1]), Int64(all[2]))
}
