import EspalierGraph

extension PrimitiveCase {
    /// Every primitive, in the uses that matter.
    public static let all =
        elementwise + comparisons + integers + shapes + reductions + products + rows + indexed + others + alongAxes
        + attention + convolutions + poolings + recurrences

    private static let elementwise: [PrimitiveCase] = [
        .init("negate", .uniform(-2...2)) { -$0[0] },
        .init("absolute", .signed(0.2...2)) { $0[0].abs() },
        .init("sign", .signed(0.2...2)) { $0[0].sign() * $0[0] },
        .init("exponential", .uniform(-2...2)) { $0[0].exp() },
        .init("exponential minus one", .uniform(-2...2)) { $0[0].expm1() },
        .init("logarithm", .uniform(0.2...3)) { $0[0].log() },
        .init("logarithm of one plus", .uniform(-0.7...2)) { $0[0].log1p() },
        .init("square root", .uniform(0.3...3)) { $0[0].sqrt() },
        .init("reciprocal square root", .uniform(0.3...3)) { $0[0].rsqrt() },
        .init("reciprocal", .signed(0.4...2)) { $0[0].reciprocal() },
        .init("square", .uniform(-2...2)) { $0[0].squared() },
        .init("sine", .uniform(-4...4)) { $0[0].sin() },
        .init("cosine", .uniform(-4...4)) { $0[0].cos() },
        .init("tanh", .uniform(-3...3)) { $0[0].tanh() },
        .init("sigmoid", .uniform(-3...3)) { $0[0].sigmoid() },
        .init("relu", .signed(0.2...2)) { $0[0].relu() },
        .init("error function", .uniform(-2...2)) { $0[0].erf() },
        .init("floor", .betweenHalves) { $0[0].floor() * $0[0] },
        .init("ceiling", .betweenHalves) { $0[0].ceil() * $0[0] },
        .init("round", .betweenHalves) { $0[0].round() * $0[0] },
        .init("add", .uniform(-2...2), .uniform(-2...2)) { $0[0] + $0[1] },
        .init("subtract", .uniform(-2...2), .uniform(-2...2)) { $0[0] - $0[1] },
        .init("multiply", .uniform(-2...2), .uniform(-2...2)) { $0[0] * $0[1] },
        .init("divide", .uniform(-2...2), .signed(0.5...2)) { $0[0] / $0[1] },
        .init("power", .uniform(0.4...2), .uniform(-2...2)) { $0[0].power($0[1]) },
        .init("whole power of either sign", .signed(0.4...2)) { $0[0].power(3) },
        .init("maximum", .distinct(offset: 0), .distinct(offset: 0.0625)) { .maximum($0[0], $0[1]) },
        .init("minimum", .distinct(offset: 0), .distinct(offset: 0.0625)) { .minimum($0[0], $0[1]) },
        .init("multiply and add", .uniform(-2...2), .uniform(-2...2), .uniform(-2...2)) { $0[0] * $0[1] + $0[2] },
        .init("literals on either side", .signed(0.5...2)) { 2 / (1 - $0[0] * 3) - 0.25 },
    ]

    private static let comparisons: [PrimitiveCase] = {
        func comparing(_ name: String, _ holds: @escaping @Sendable (Tensor, Tensor) -> Tensor) -> PrimitiveCase {
            // Coarse whole numbers, so that the operands are often equal.
            .init(name, .betweenHalves, .betweenHalves) { x in
                .select(holds(x[0].floor(), x[1].floor()), x[0] * 2, x[1] * x[1])
            }
        }
        return [
            comparing("equal") { $0 .== $1 }, comparing("not equal") { $0 .!= $1 }, comparing("less") { $0 .< $1 },
            comparing("less or equal") { $0 .<= $1 }, comparing("greater") { $0 .> $1 },
            comparing("greater or equal") { $0 .>= $1 },
            comparing("and") { ($0 .> 0) .& ($1 .> 0) }, comparing("or") { ($0 .> 0) .| ($1 .> 0) },
            comparing("not") { .!($0 .> $1) }, comparing("truth of floats") { ($0 * $1).cast(to: .bool) },
            comparing("equal truths") { ($0 .> 0) .== ($1 .> 0) },
            .init("zero unless greater", .signed(0.2...2), .uniform(-2...2)) { .select($0[0] .> 0, $0[1], 0) },
            .init("truth as float", .betweenHalves) { ($0[0] .> 0.5).cast(to: .float32) * $0[0] },
            .init("truth as integer", .betweenHalves) { ($0[0] .> 0.5).cast(to: .int32).cast(to: .float32) * $0[0] },
        ]
    }()

    private static let integers: [PrimitiveCase] = {
        func unary(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) -> PrimitiveCase {
            .init("integer \(name)", .betweenHalves) { x in
                function((x[0] * 1.5).cast(to: .int32)).cast(to: .float32) * x[0]
            }
        }
        func binary(_ name: String, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor) -> PrimitiveCase {
            .init("integer \(name)", .betweenHalves, .betweenHalves) { x in
                function(x[0].cast(to: .int32), x[1].cast(to: .int32)).cast(to: .float32) * x[0]
            }
        }
        return [
            unary("negate") { -$0 }, unary("absolute") { $0.abs() }, unary("sign") { $0.sign() },
            unary("square") { $0.squared() }, unary("relu") { $0.relu() }, unary("truth") { $0.cast(to: .bool) },
            unary("literal") { $0 + 3 },
            binary("add") { $0 + $1 }, binary("subtract") { $0 - $1 }, binary("multiply") { $0 * $1 },
            binary("maximum") { .maximum($0, $1) }, binary("minimum") { .minimum($0, $1) },
            binary("equal") { $0 .== $1 }, binary("not equal") { $0 .!= $1 }, binary("less") { $0 .< $1 },
            binary("less or equal") { $0 .<= $1 }, binary("greater") { $0 .> $1 },
            binary("greater or equal") { $0 .>= $1 }, binary("select") { .select($0 .> $1, $0, $1) },
            binary("zero unless greater") { .select($0 .> $1, $0, 0) },
        ]
    }()

    private static let shapes: [PrimitiveCase] = [
        .init("reshape", .uniform(-2...2)) { $0[0].flattened().expanded(at: 0) * 2 },
        .init("transpose", .uniform(-2...2), rank: 2) { $0[0].transposed() * 2 },
        .init("transpose all", .uniform(-2...2)) { $0[0].transposed((0..<$0[0].rank).reversed()).squared() },
        .init("transpose then reshape", .uniform(-2...2), rank: 2) { $0[0].transposed().flattened() * 2 },
        .init("broadcast to more axes", .uniform(-2...2)) { x in
            x[0].broadcast(to: Shape([2, 3] + x[0].shape.dimensions)).squared()
        },
        .init("broadcast of columns", .uniform(-2...2), rank: 1) { x in
            x[0].sum(axes: [-1], keepDimensions: true).broadcast(to: x[0].shape) * x[0]
        },
        .init("slice", .uniform(-2...2), rank: 1) { x in
            x[0].slice(
                starts: x[0].shape.dimensions.map { $0 > 2 ? 1 : 0 },
                counts: x[0].shape.dimensions.map { $0 > 2 ? ($0 - 1 + 1) / 2 : $0 },
                steps: x[0].shape.dimensions.map { $0 > 2 ? 2 : 1 }
            ).squared()
        },
        .init("pad", .uniform(-2...2), rank: 1) { x in
            let ones = x[0].shape.dimensions.map { _ in 1 }
            return x[0].padded(before: ones, after: ones.map { $0 + 1 }, between: ones, value: 0.5).squared()
        },
        .init("concatenate rows", .uniform(-2...2), .uniform(-2...2), rank: 1) {
            .concatenate([$0[0].squared(), $0[1], $0[0]], axis: 0)
        },
        .init("concatenate columns", .uniform(-2...2), .uniform(-2...2), rank: 2) {
            .concatenate([$0[0].squared(), $0[1].transposed().transposed(), $0[0].exp()], axis: $0[0].rank - 1)
        },
    ]

    private static let reductions: [PrimitiveCase] = [
        .init("sum", .uniform(-2...2)) { $0[0].sum() },
        .init("sum of the first axis", .uniform(-2...2), rank: 1) { $0[0].sum(axes: [0]) },
        .init("sum of the last axis", .uniform(-2...2), rank: 1) { $0[0].sum(axes: [-1]) },
        .init("sum of the outer axes", .uniform(-2...2), rank: 2) { $0[0].exp().sum(axes: [0, -1]) },
        .init("sum of a transpose", .uniform(-2...2), rank: 2) { $0[0].transposed().sum(axes: [-1]) },
        .init("sums of one operand", .uniform(-2...2), rank: 1) {
            $0[0].sum(axes: [-1]) * $0[0].squared().sum(axes: [-1])
        },
        .init("maximum of all", .distinct(offset: 0)) { $0[0].max() },
        .init("maximum of the first axis", .distinct(offset: 0), rank: 1) { $0[0].max(axes: [0]) },
        .init("maximum of the last axis", .distinct(offset: 0), rank: 1) { $0[0].max(axes: [-1]) },
        .init("minimum of the first axis", .distinct(offset: 0), rank: 1) { $0[0].min(axes: [0]) },
        .init("minimum of the last axis", .distinct(offset: 0), rank: 1) { $0[0].min(axes: [-1]) },
        .init("minimum of the outer axes", .distinct(offset: 0), rank: 2) { $0[0].min(axes: [-1, 0]) },
        .init("mean", .uniform(-2...2), rank: 1) { $0[0].mean(axes: [0], keepDimensions: true) - $0[0] },
        .init("variance", .uniform(-2...2), rank: 1) { $0[0].variance(axes: [-1]) },
    ]

    private static let products: [PrimitiveCase] = {
        func product(_ name: String, _ first: Shape, _ second: Shape, _ a: Bool, _ b: Bool) -> PrimitiveCase {
            .init("product \(name)", .uniform(-2...2), .uniform(-2...2), shapes: [first, second]) {
                $0[0].matmul($0[1], transposeFirst: a, transposeSecond: b)
            }
        }
        return [
            product("plain", [3, 4], [4, 2], false, false), product("first transposed", [4, 3], [4, 2], true, false),
            product("second transposed", [3, 4], [2, 4], false, true),
            product("both transposed", [4, 3], [2, 4], true, true),
            product("of stacks", [2, 3, 4], [2, 4, 2], false, false),
            product("of a stack and a matrix", [2, 3, 4], [2, 4], false, true),
            product("of stretched stacks", [2, 1, 1, 4], [3, 4, 2], false, false),
            product("of a row and a column", [1, 5], [5, 1], false, false),
            product("of a column and a row", [5, 1], [1, 5], false, false),
            product("larger", [33, 70], [70, 65], false, false),
            .init("dense layer", .uniform(-1...1), .uniform(-1...1), .uniform(3...4), shapes: [[4, 3], [5, 3], [5]]) {
                ($0[0].matmul($0[1], transposeSecond: true) + $0[2]).relu()
            },
            .init("product of views", .uniform(-1...1), .uniform(-1...1), shapes: [[4, 6], [3, 5]]) {
                $0[0].transposed().slice(1..<4).matmul($0[1].transposed().slice(0..<4))
            },
        ]
    }()

    private static let rows: [PrimitiveCase] = [
        .init("softmax", .uniform(-2...2), rank: 1) { $0[0].softmax() },
        .init("log-softmax", .uniform(-2...2), rank: 1) { $0[0].logSoftmax() },
        .init("standardize", .uniform(-2...2), shapes: [[5, 3]]) { $0[0].standardized(axes: [0], eps: 1e-2) },
        .init("standardize by channel", .uniform(-2...2), shapes: [[3, 2, 4]]) {
            $0[0].standardized(axes: [0, 2], eps: 1e-2)
        },
        .init("cross-entropy", .uniform(-2...2), .indices(below: 5), shapes: [[4, 5], [4]]) {
            $0[0].crossEntropy(labels: $0[1])
        },
        .init("cross-entropy of stacks", .uniform(-2...2), .indices(below: 3), shapes: [[2, 4, 3], [2, 4]]) {
            $0[0].crossEntropy(labels: $0[1])
        },
        .init("cross-entropy of many rows", .uniform(-2...2), .indices(below: 3), shapes: [[90, 3], [90]]) {
            $0[0].crossEntropy(labels: $0[1]).mean()
        },
        .init("argument maximum", .distinct(offset: 0), rank: 1) {
            $0[0].argumentMaximum().cast(to: .float32).expanded(at: -1) * $0[0]
        },
    ]

    private static let indexed: [PrimitiveCase] = [
        .init("gather rows", .uniform(-2...2), .indices(below: 3), shapes: [[3, 4], [5]]) { $0[0].gather($0[1]) },
        .init("gather columns", .uniform(-2...2), .indices(below: 4), shapes: [[3, 4, 2], [2, 3]]) {
            $0[0].gather($0[1], axis: 1)
        },
        .init("gather by a scalar", .uniform(-2...2), .indices(below: 4), shapes: [[3, 4], []]) {
            $0[0].gather($0[1], axis: -1)
        },
        .init("scatter-add", .uniform(-2...2), .uniform(-2...2), .indices(below: 3), shapes: [[3, 2], [5, 2], [5]]) {
            // The pullback of a gather is the scatter-add of the cotangent.
            Tensor.pullback([$0[0].gather($0[2])], cotangents: [$0[1]], by: [$0[0]])[0]
        },
    ]

    private static let others: [PrimitiveCase] = [
        .init("iota", .uniform(-2...2), rank: 1) { $0[0] * Tensor.iota($0[0].shape, axis: 0).cast(to: .float32) },
        .init("random uniform", .uniform(-2...2)) {
            $0[0] * Tensor.randomUniform($0[0].shape, key: Tensor([7, -9] as [Int32], [2]), stream: 3)
        },
        .init("random normal", .uniform(-2...2)) {
            $0[0] * Tensor.randomNormal($0[0].shape, key: Tensor([7, -9] as [Int32], [2]))
        },
        .init("dropout", .uniform(-2...2)) {
            let mask = Tensor.randomUniform($0[0].shape, key: Tensor([1, 2] as [Int32], [2])) .< 0.75
            return .select(mask, $0[0] / 0.75, 0)
        },
        .init("constant", .uniform(-2...2)) { $0[0] * Tensor.full($0[0].shape, 3) },
        .init("stop gradient", .uniform(-2...2), isDifferentiable: false) { $0[0] * $0[0].stopGradient() },
    ]
}
