import EspalierGraph
import EspalierTestSupport
import Testing

@testable import EspalierEngine

/// Views against the enumeration of every index.
@Suite struct ViewTests {
    /// The places in memory that a view meets, in order.
    private static func places(_ view: View) -> [Int] {
        ReferenceArray(view.shape) { index in
            Double(view.offset + zip(index, view.strides).reduce(0) { $0 + $1.0 * $1.1 })
        }.values.map { Int($0) }
    }

    @Test func viewsMeetWhatTheReferenceMeets() throws {
        var random = RandomStream(seed: 3, "views")
        var failedReshapes = 0
        for _ in 0..<3000 {
            let shape = Shape(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in Int.random(in: 1...4, using: &random) })
            let leaf = Tensor((0..<shape.count).map { Float($0) }, shape)
            var tensor = leaf, view = View(of: leaf.node)
            for _ in 0..<4 {
                let next = Self.step(tensor, &random)
                let following: View? =
                    switch next.node.primitive {
                    case let transpose as Transpose: view.transposed(transpose.order)
                    case let slice as Slice: view.sliced(slice)
                    case let broadcast as Broadcast: view.broadcast(to: broadcast.shape)
                    case let reshape as Reshape: view.reshaped(to: reshape.shape)
                    default: view
                    }
                guard next != tensor else { continue }
                guard let following else {
                    failedReshapes += 1
                    #expect(!Self.isStrided(Self.places(view), next.shape))
                    break
                }
                (tensor, view) = (next, following)
                let places = Self.places(view)
                #expect(places == Reference.evaluate([tensor])[0].values.map { Int($0) })
                #expect(view.span == places.min()!..<places.max()! + 1)
                if view.isContiguous { #expect(places == Array(places[0]..<places[0] + places.count)) }
                if view.isSplat { #expect(Set(places).count == 1) }
            }
        }
        #expect(failedReshapes > 50)
    }

    /// Whether some strides over `shape` meet these places: found from the neighbours along each axis.
    private static func isStrided(_ places: [Int], _ shape: Shape) -> Bool {
        let strides = shape.strides.enumerated().map { axis, step in
            shape[axis] == 1 ? 0 : places[step] - places[0]
        }
        var expected: [Int] = []
        _ = ReferenceArray(shape) { index in
            expected.append(places[0] + zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 })
            return 0
        }
        return expected == places
    }

    private static func step(_ x: Tensor, _ random: inout RandomStream) -> Tensor {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return x.transposed(Array(0..<x.rank).shuffled(using: &random))
        case 1:
            let starts = x.shape.dimensions.map { Int.random(in: 0..<$0, using: &random) }
            let steps = starts.map { _ in Int.random(in: 1...2, using: &random) }
            let counts = starts.indices.map {
                Int.random(in: 1...(x.shape[$0] - 1 - starts[$0]) / steps[$0] + 1, using: &random)
            }
            return x.slice(starts: starts, counts: counts, steps: steps)
        case 2: return x.count > 200 ? x : x.broadcast(to: Shape([2] + x.shape.dimensions.map { $0 == 1 ? 3 : $0 }))
        default:
            var rest = x.count, dimensions: [Int] = []
            for divisor in [2, 3, 2, 4] where rest % divisor == 0 {
                dimensions.append(divisor)
                rest /= divisor
            }
            return x.reshaped(to: Shape((dimensions + [rest, 1]).shuffled(using: &random)))
        }
    }
}
