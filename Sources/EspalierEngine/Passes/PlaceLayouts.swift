import CKernels
import EspalierGraph

/// Pass 2: decides for every node whether it has memory of its own or is a view of another's, and puts copies where a
/// kernel could not read the view.
struct Layouts {
    /// The computation with the copies in place.
    let computation: Computation
    /// Every node as a view of memory; nodes with memory of their own are views of themselves.
    private(set) var views: [Node: View] = [:]

    /// The view that `node` is.
    func view(_ node: Node) -> View { views[node]! }

    init(_ computation: Computation) {
        var placed: [Node: Node] = [:]
        var views: [Node: View] = [:]
        func copy(_ node: Node) -> Node {
            let result = Node.applying(Copy(), to: [node])
            views[result] = View(of: result)
            return result
        }
        for node in Tensor.topologicalOrder(of: computation.roots) {
            var inputs = node.inputs.map { placed[$0]! }
            for (index, input) in inputs.enumerated() {
                if !Layouts.reads(views[input]!, node.primitive) { inputs[index] = copy(input) }
            }
            let result = inputs == node.inputs ? node : Node.applying(node.primitive, to: inputs)
            placed[node] = result
            if views[result] == nil {
                views[result] = Layouts.view(of: result, input: inputs.first.map { views[$0]! })
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
    }

    private static func view(of node: Node, input: View?) -> View {
        switch node.primitive {
        case let reshape as Reshape: input!.reshaped(to: reshape.shape)!
        case let transpose as Transpose: input!.transposed(transpose.order)
        case let slice as Slice: input!.sliced(slice)
        case let broadcast as Broadcast: input!.broadcast(to: broadcast.shape)
        default: View(of: node)
        }
    }

    /// Whether a kernel for `primitive` can read an operand that lies like this.
    private static func reads(_ view: View, _ primitive: any Primitive) -> Bool {
        switch primitive {
        case let reshape as Reshape: view.reshaped(to: reshape.shape) != nil
        case is Transpose, is Slice, is Broadcast, is Concatenate, is Pad: true
        case is MatrixMultiply: isMatrix(view)
        case is Softmax, is CrossEntropy, is ArgumentMaximum, is Gather, is ScatterAdd, is RandomUniform:
            view.isContiguous && !(view.base.primitive is Constant)
        case _ where AttentionKernel.function(of: primitive) != nil:
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
