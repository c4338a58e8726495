import EspalierGraph

/// The identity, computed: its result has memory of its own, contiguous.
///
/// Only passes put it into a graph.
struct Copy: Primitive {
    var description: String { "copy" }

    func resultType(of inputs: [TensorType]) -> TensorType { inputs[0] }
    func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray { inputs[0] }
    func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [cotangent] }
    func operations(inputs: [TensorType], type: TensorType) -> Int { 0 }
}
