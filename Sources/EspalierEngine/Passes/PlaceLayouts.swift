import CKernels
import EspalierGraph

/// Decides for every node whether it has memory of its own or is a view of another's, and puts copies where a
/// kernel could not read the view.
struct Layouts {
    /// The computation with the copies in place.
    let computation: Computation
    /// Every node as a view of memory; nodes with memory of their own are views of themselves.
    private(set) var views: [Node: View] = [:]

    /// What must be known before a view is read: the second operands of the barriers that it passes.
    private(set) var awaited: [Node: [Node]] = [:]

    /// The view that `node` is.
    func view(_ node: Node) -> View { views[node]! }

    init(_ computation: Computation) {
        var placed: [Node: Node] = [:]
        var views: [Node: View] = [:]
        var awaited: [Node: [Node]] = [:]
        func copy(_ node: Node) -> Node {
            let isWide = node.type.shape.isWide
            let result = isWide ? Node.applying(WideCopy(), to: [node]) : Node.applying(Copy(), to: [node])
            views[result] = View(of: result)
            return result
        }
        for node in Tensor.topologicalOrder(of: computation.roots) {
            var inputs = node.inputs.map { placed[$0]! }
            for (index, input) in inputs.enumerated() {
                let view = views[input]!, isLeftOut = view.isZero && node.mayLackZeros(index)
                if !isLeftOut, !Layouts.reads(view, node, index) { inputs[index] = copy(input) }
            }
            let result = inputs == node.inputs ? node : Node.applying(node.primitive, to: inputs)
            placed[node] = result
            if views[result] == nil {
                views[result] = Layouts.view(of: result, input: inputs.first.map { views[$0]! })
                if views[result]!.base != result, let input = inputs.first {
                    let passed = result.primitive is Barrier ? [inputs[1]] : []
                    awaited[result] = (awaited[input] ?? []) + passed
                }
            }
        }
        // A result is whole memory that a kernel writes.
        let roots = computation.roots.map { root in
            let result = placed[root]!
            let view = views[result]!
            let isWritten = !(view.base.primitive is Leaf || view.base.primitive is Constant)
            return view.isWhole && isWritten ? result : copy(result)
        }
        self.computation = computation.replacing(roots: roots)
        self.views = views
        self.awaited = awaited
    }

    private static func view(of node: Node, input: View?) -> View {
        switch node.primitive {
        case let reshape as Reshape: input!.reshaped(to: reshape.shape)!
        case let transpose as Transpose: input!.transposed(transpose.order)
        case let slice as Slice: input!.sliced(slice)
        case let broadcast as Broadcast: input!.broadcast(to: broadcast.shape)
        case is Barrier: input!
        default: View(of: node)
        }
    }

    /// Whether a kernel for `node` can read operand number `index` where it lies like this.
    private static func reads(_ view: View, _ node: Node, _ index: Int) -> Bool {
        if node.isTiled, node.domain.isWide { return view.isContiguous || view.isSplat }
        return switch node.primitive {
        // The weight of a convolution may have any strides.
        case is Convolution where index == 1, is ConvolutionInputGradient where index == 1:
            !(view.base.primitive is Constant)
        case let reshape as Reshape: view.reshaped(to: reshape.shape) != nil
        case is Transpose, is Slice, is Broadcast, is Concatenate, is Pad: true
        case is MatrixMultiply: isMatrix(view)
        case is Softmax, is CrossEntropy, is ArgumentMaximum, is Gather, is ScatterAdd, is RandomUniform,
            is CumulativeSum, is TakeAlongAxis, is AddAlongAxis, is ArgumentSort,
            is Convolution, is ConvolutionInputGradient, is ConvolutionWeightGradient, is MaximumPool,
            is MaximumPoolGradient, is AveragePool, is AveragePoolGradient, is Recurrence, is RecurrenceGradient:
            view.isContiguous && !(view.base.primitive is Constant)
        case _ where node.primitive.wholeAttention != nil:
            view.strides.last == 1 || view.shape.dimensions.last == 1
        default: true
        }
    }

    /// As many batch axes can products have.
    static let mostBatchAxes = Int(espalier_product_axes)

    /// Whether products can read `view`: anything but a batch over too many axes.
    private static func isMatrix(_ view: View) -> Bool {
        view.shape.dimensions.dropLast(2).count { $0 != 1 } <= mostBatchAxes || view.isContiguous
    }
}

extension Node {
    /// The node that applies `primitive` to inputs that are known to fit.
    static func applying(_ primitive: any Primitive, to inputs: [Node]) -> Node {
        do {
            return try Tensor(applying: primitive, to: inputs.map(Tensor.init)).node
        } catch {
            fatalError("a pass changed a type: \(error)")
        }
    }
}
