import EspalierGraph
import EspalierSpec

// What each primitive is in ONNX.
extension ONNXTranslation {
    /// Writes what computes `node`; nothing for transposes, which are written where they are read.
    func translated(_ node: Node) throws -> Value? {
        let shape = try traces.shape(node)
        func written(_ name: String, _ inputs: [String], _ attributes: [ONNXGraph.Attribute] = []) -> Value {
            Value(name: add(name, inputs, attributes))
        }
        switch node.primitive {
        case is Transpose: return nil
        case let unary as Unary: return Value(name: try translated(unary.operation, name(node.inputs[0])))
        case let binary as Binary:
            return Value(name: try translated(binary.operation, broadcasting(node.inputs, to: shape)))
        case is Select: return written("Where", try broadcasting(node.inputs, to: shape))
        case let cast as Cast:
            return written("Cast", [try name(node.inputs[0])], [.integer("to", cast.dtype.onnx.rawValue)])
        case is Broadcast: return written("Expand", [try name(node.inputs[0]), integers(shape)])
        case is Reshape: return try reshaped(node, shape)
        case is Slice: return try sliced(node)
        case let pad as Pad: return try padded(node, pad)
        case let concatenation as Concatenate:
            return written("Concat", try node.inputs.map { try name($0) }, [.integer("axis", concatenation.axis)])
        case let reduce as Reduce:
            return written(
                reduce.operation.onnx, [try name(node.inputs[0]), integers(reduce.axes)], [.integer("keepdims", 0)])
        case let softmax as Softmax:
            return written(
                softmax.isLogarithmic ? "LogSoftmax" : "Softmax", [try name(node.inputs[0])], [.integer("axis", -1)])
        case let gather as Gather:
            return written("Gather", try node.inputs.map { try name($0) }, [.integer("axis", gather.axis)])
        case let take as TakeAlongAxis:
            return written("GatherElements", try node.inputs.map { try name($0) }, [.integer("axis", take.axis)])
        case is ArgumentMaximum:
            let place = add("ArgMax", [try name(node.inputs[0])], [.integer("axis", -1), .integer("keepdims", 0)])
            return written("Cast", [place], [.integer("to", DType.int32.onnx.rawValue)])
        case let sort as ArgumentSort:
            let places = add(
                "TopK", [try name(node.inputs[0]), integers([sort.count])],
                [.integer("axis", -1), .integer("largest", sort.isDescending ? 1 : 0)], outputs: 2)
            return written("Cast", [places[1]], [.integer("to", DType.int32.onnx.rawValue)])
        case let sum as CumulativeSum:
            return written(
                "CumSum", [try name(node.inputs[0]), integer(sum.axis)], [.integer("reverse", sum.isReversed ? 1 : 0)])
        case let product as MatrixMultiply: return Value(name: try multiplied(node, product))
        case let convolution as Convolution: return try convolved(node, convolution.geometry)
        case let transposed as ConvolutionInputGradient: return try transposeConvolved(node, transposed)
        case let pool as MaximumPool: return try maximumPooled(node, pool.axes)
        case let pool as AveragePool: return try averagePooled(node, pool.axes)
        case let recurrence as Recurrence: return try recurrent(node, recurrence)
        default: throw unsupported(node)
        }
    }

    private func translated(_ operation: Unary.Operation, _ x: String) -> String {
        switch operation {
        case .negate: add("Neg", [x])
        case .absolute: add("Abs", [x])
        case .sign: add("Sign", [x])
        case .exponential: add("Exp", [x])
        case .exponentialMinusOne: add("Sub", [add("Exp", [x]), one])
        case .logarithm: add("Log", [x])
        case .logarithmOnePlus: add("Log", [add("Add", [x, one])])
        case .squareRoot: add("Sqrt", [x])
        case .reciprocalSquareRoot: add("Reciprocal", [add("Sqrt", [x])])
        case .reciprocal: add("Reciprocal", [x])
        case .square: add("Mul", [x, x])
        case .sine: add("Sin", [x])
        case .cosine: add("Cos", [x])
        case .tanh: add("Tanh", [x])
        case .sigmoid: add("Sigmoid", [x])
        case .relu: add("Relu", [x])
        case .errorFunction: add("Erf", [x])
        case .floor: add("Floor", [x])
        case .ceiling: add("Ceil", [x])
        case .round: add("Round", [x])
        case .logicalNot: add("Not", [x])
        }
    }

    private var one: String { addInitializer([Float(1)], .float32, []) }

    private func translated(_ operation: Binary.Operation, _ operands: [String]) -> String {
        switch operation {
        case .add: add("Add", operands)
        case .subtract: add("Sub", operands)
        case .multiply: add("Mul", operands)
        case .divide: add("Div", operands)
        case .power: add("Pow", operands)
        case .maximum: add("Max", operands)
        case .minimum: add("Min", operands)
        case .equal: add("Equal", operands)
        case .notEqual: add("Not", [add("Equal", operands)])
        case .less: add("Less", operands)
        case .lessOrEqual: add("LessOrEqual", operands)
        case .greater: add("Greater", operands)
        case .greaterOrEqual: add("GreaterOrEqual", operands)
        case .logicalAnd: add("And", operands)
        case .logicalOr: add("Or", operands)
        }
    }

    private func reshaped(_ node: Node, _ shape: [BatchNumber]) throws -> Value {
        var source = node.inputs[0]
        while source.primitive is Reshape { source = source.inputs[0] }
        if try traces.shape(source) == shape { return Value(name: try name(source)) }
        let isOpen = shape.count { !$0.isFixed } == 1
        let target = isOpen ? integers(shape.map { $0.isFixed ? $0.constant : -1 }) : integers(shape)
        return Value(name: add("Reshape", [try name(source), target]))
    }

    private func sliced(_ node: Node) throws -> Value {
        guard let slice = node.primitive as? Slice, let other = traces.twin(node).primitive as? Slice else {
            throw unsupported(node)
        }
        if node.inputs[0].primitive is Recurrence { return try recurrentPart(node, slice, other) }
        let ends = [slice, other].map { slice in
            slice.counts.indices.map { slice.starts[$0] + max(0, slice.counts[$0] - 1) * slice.steps[$0] + 1 }
        }
        let shape = try traces.shape(node), whole = try traces.shape(node.inputs[0])
        let starts = try traces.numbers(slice.starts, other.starts), stops = try traces.numbers(ends[0], ends[1])
        let axes = shape.indices.filter { shape[$0] != whole[$0] }
        let operands = [axes.map { starts[$0] }, axes.map { stops[$0] }].map { integers($0) }
        return Value(
            name: add(
                "Slice",
                [try name(node.inputs[0])] + operands + [integers(axes), integers(axes.map { slice.steps[$0] })]))
    }

    private func padded(_ node: Node, _ pad: Pad) throws -> Value {
        guard let other = traces.twin(node).primitive as? Pad, pad.between.allSatisfy({ $0 == 0 }) else {
            throw unsupported(node, "puts values between others, which ONNX does not")
        }
        let amounts = integers(try traces.numbers(pad.before + pad.after, other.before + other.after))
        let value = try computed(Tensor(pad.value, node.type.dtype))
        return Value(name: add("Pad", [try name(node.inputs[0]), amounts, value]))
    }

    /// A product of matrices; stacks of them need not be stretched to one another.
    private func multiplied(_ node: Node, _ product: MatrixMultiply) throws -> String {
        var operands = node.inputs
        if node.type.shape.rank == 2 {
            return add(
                "Gemm", try operands.map { try name($0) },
                [
                    .integer("transA", product.transposeFirst ? 1 : 0),
                    .integer("transB", product.transposeSecond ? 1 : 0),
                ])
        }
        let shape = try traces.shape(node)
        for index in operands.indices {
            let source = operands[index].inputs.first, other = try traces.shape(operands[1 - index])
            // The other operand has all leading axes, so that this one's need not be drawn out.
            if operands[index].primitive is Broadcast, let source, source.type.shape.rank >= 2,
                source.type.shape.dimensions.suffix(2) == operands[index].type.shape.dimensions.suffix(2),
                other.dropLast(2) == shape.dropLast(2)
            {
                operands[index] = source
                break
            }
        }
        let names = try zip(operands, [product.transposeFirst, product.transposeSecond]).map { node, isTransposed in
            var order = Array(0..<node.type.shape.rank)
            if isTransposed { order.swapAt(order.count - 1, order.count - 2) }
            return try name(node, order: order)
        }
        return add("MatMul", names)
    }
}

extension DType {
    /// The type of the values that stand for it in ONNX.
    var onnx: ONNXGraph.ElementType {
        switch self {
        case .float32: .float32
        case .int32: .int32
        case .bool: .bool
        }
    }
}

extension Reduce.Operation {
    fileprivate var onnx: String {
        switch self {
        case .sum: "ReduceSum"
        case .maximum: "ReduceMax"
        case .minimum: "ReduceMin"
        }
    }
}
