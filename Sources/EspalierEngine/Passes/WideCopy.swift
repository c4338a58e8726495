import CKernels
import EspalierGraph

/// A copy over more axes than a tile program can walk: as many programs as it takes, each over a part.
///
/// Only passes put it into a graph.
struct WideCopy: Primitive {
    var description: String { "copy in parts" }

    func resultType(of inputs: [TensorType]) -> TensorType { inputs[0] }
    func evaluate(_ inputs: [ReferenceArray], type: TensorType) -> ReferenceArray { inputs[0] }
    func pullback(_ cotangent: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [cotangent] }
}

extension Shape {
    /// Whether a tile program might not walk this shape where an operand's axes do not join.
    var isWide: Bool { dimensions.count { $0 != 1 } > Int(espalier_max_rank) }
}

/// Elements to be copied from strides to strides.
struct StridedCopy {
    var extents: [Int] = []
    var source: (offset: Int, strides: [Int])
    var target: (offset: Int, strides: [Int])

    /// The elements of `view`, neighbouring axes joined where both sides allow.
    init(_ view: View, to strides: [Int]) {
        source = (0, [])
        target = (0, [])
        for (axis, extent) in view.shape.dimensions.enumerated() where extent != 1 {
            let last = extents.count - 1
            if last >= 0, source.strides[last] == view.strides[axis] * extent,
                target.strides[last] == strides[axis] * extent
            {
                extents[last] *= extent
                source.strides[last] = view.strides[axis]
                target.strides[last] = strides[axis]
            } else {
                extents.append(extent)
                source.strides.append(view.strides[axis])
                target.strides.append(strides[axis])
            }
        }
    }

    /// This copy as several over at most `axes` axes, cut along the shortest ones.
    func parts(ofAxes axes: Int) -> [StridedCopy] {
        guard extents.count > axes, let axis = extents.indices.min(by: { extents[$0] < extents[$1] }) else {
            return [self]
        }
        return (0..<extents[axis]).flatMap { index in
            var part = self
            part.extents.remove(at: axis)
            part.source.offset += index * part.source.strides.remove(at: axis)
            part.target.offset += index * part.target.strides.remove(at: axis)
            return part.parts(ofAxes: axes)
        }
    }
}
